"""The code that builds an untrained model by the task's own code."""

from pathlib import Path
from typing import Any

import pytest

from study.space.surgery import AS_IT_IS, Operation, Surgery
from study.space.task_loading import load_task
from study.space.trial import TrialConfig
from study.task import Fidelity, defaults
from study.training.building_code import building_code

FUNCTIONS = """
from typing import Literal

def data(noise: float = 0.5, *, progress):
    progress(1, 1)
    return {"pool": (f"inputs with {noise}",)}

def build(units: int = 4, activation: Literal["relu", "gelu"] = "relu", bias: bool = True, *, steps, train, epochs):
    return units, activation, bias, steps, train, epochs
"""

BRANCHED = """
from tests.user_tasks import branched

def data():
    return {}

def build(units: int = 4):
    return branched.task.build({"units": units, "learning_rate": 0.1}, steps=1)
"""


def built(reference: str, settings: dict[str, Any] | None = None, *, surgery: Surgery = AS_IT_IS) -> Any:
    """Runs the code. Returns what it leaves in `model`."""
    task = load_task(reference, folder=Path())
    levels = {**defaults(task), **(settings or {})}
    config = TrialConfig(task.name, 1, levels, {}, Fidelity(3, 4, 4), 0, reference=reference, surgery=surgery)
    code = building_code(task, config, steps=6)
    names: dict[str, Any] = {}
    exec("\n".join(["import keras", *code.imports, *code.lines, *code.changing]), names)
    return names["model"]


def test_functions_get_what_they_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_functions.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    model = built(str(tmp_path / "my_functions.py"), {"activation": "gelu", "bias": False})
    assert model == (4, "gelu", False, 6, ("inputs with 0.5",), 3)


def test_functions_that_name_nothing_get_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bare_functions.py").write_text("def data():\n    1 / 0\n\ndef build():\n    return 'built'\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert built(str(tmp_path / "bare_functions.py")) == "built"


def test_a_class_gets_its_settings_and_the_steps() -> None:
    assert built("tests.user_tasks.points:task", {"units": 7}).layers[1].units == 7


@pytest.mark.parametrize("reference", ["tests.user_tasks.branched:task", "my_branched.py"])
def test_the_layers_are_changed_as_in_the_study(
    reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reference.endswith(".py"):
        reference = str(tmp_path / reference)
        Path(reference).write_text(BRANCHED)
        monkeypatch.syspath_prepend(tmp_path)
    operations = {"block": Operation("remove", ("branch", "sum"))}
    surgery = Surgery({"remove": operations, "activation": {"tanh": Operation("activation", (), "tanh")}})
    changed = built(reference, {"remove": "block", "activation": "as_built"}, surgery=surgery)
    assert [layer.name for layer in changed.layers if layer.weights] == ["hidden", "answer"]
    whole = built(reference, {"remove": "nothing", "activation": "as_built"}, surgery=surgery)
    assert [layer.name for layer in whole.layers if layer.weights] == ["hidden", "branch", "answer"]
