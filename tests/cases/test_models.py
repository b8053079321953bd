"""Models as users bring them: each can be trained, measured, kept and opened again, or says what that takes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from mlflow.models import Model

from study.data.nest_file import read_nest, write_nest
from study.engines.cell_folder import EXPORTED, LOADING, NEEDS, PACKED, WEIGHTS
from study.errors import DataError, TaskError
from study.space.surgery import AS_IT_IS, Operation, Surgery
from study.space.task_loading import load_task
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import defaults
from study.tracking.model_package import CARD, package
from study.training.fit import train
from study.training.model_file import FILE, WEIGHTS_FILE, save
from study.training.probe import probe
from study.training.saved_model import ANSWERS, INPUTS, RECORDED, answer, score
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.build\\(\\). was called on layer")]
"""Keras warns that `build` of a class without one makes no weights: users call it all the same."""


@dataclass
class Report:
    """Lets a trial go on, and keeps what it says."""

    folder: Path
    sizes: list[Metrics] = field(default_factory=list)

    def preparing(self, what: str, done: int, total: int) -> None:
        """The data are made by the first trial that needs them."""

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        self.sizes.append(size)
        return True

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        return True


def config(name: str) -> TrialConfig:
    """A trial of the user's task in this file."""
    reference = f"{ROOT / 'tests' / 'user_tasks' / name}.py:task"
    task = load_task(reference, folder=ROOT)
    settings = defaults(task)
    return TrialConfig(task.name, task.version, settings, settings, task.fidelity, seed=0, reference=reference)


@pytest.fixture
def trained(tmp_path: Path) -> Any:
    """Trains a user's task in a folder, as a study would have recorded it. Returns the configuration and the result."""

    def run(name: str, surgery: Surgery = AS_IT_IS, **levels: str) -> tuple[TrialConfig, TrialResult]:
        asked = config(name)
        asked = replace(asked, surgery=surgery, settings={**asked.settings, **levels})
        result = train(asked, Report(tmp_path))
        recorded = {"metrics": result.metrics, "environment": result.environment, "data": result.data["fingerprint"]}
        (tmp_path / RECORDED).write_text(json.dumps(recorded))
        return asked, result

    return run


@pytest.mark.parametrize(
    ("name", "parameters", "flops"),
    [
        ("sequential", 8 * 4 + 4 + 4 + 1, 2 * (8 * 4 + 4)),
        ("subclassed", 8 * 4 + 4 + 4 + 1, 2 * (8 * 4 + 4)),
        ("any_length", 50 * 8 + (3 * 8 * 4 + 4) + 4 + 1, 2 * (10 * 3 * 8 * 4 + 4)),
        ("own_layer", 8 * 4 + 4 + 4 + 1, 2 * (8 * 4 + 4)),
    ],
)
def test_a_model_is_measured_alike_by_plan_and_trial(name: str, parameters: int, flops: int, tmp_path: Path) -> None:
    report = Report(tmp_path)
    probed, result = probe(config(name), report), train(config(name), report)
    assert (result.state, result.parameters, result.flops) == ("complete", parameters, flops)
    assert (probed.parameters, probed.flops) == (parameters, flops)
    assert set(probed.timing) == {"data", "compile", "train", "validate"}
    planned, trained = report.sizes
    assert trained == {"parameters": parameters, "flops": flops}
    assert trained.items() <= planned.items()


def test_a_model_whose_class_overrides_fit_is_refused_with_the_way_out(trained: Any, tmp_path: Path) -> None:
    words = (
        r"build\(\) of task 'own_fit' returned a Scheduled, whose class overrides `fit`.*callbacks.*before_epoch.*fit"
    )
    with pytest.raises(TaskError, match=words):
        trained("own_fit")
    with pytest.raises(TaskError, match=words):
        probe(config("own_fit"), Report(tmp_path))


def test_a_sequential_model_s_file_opens_in_a_process_that_never_saw_the_task(trained: Any, tmp_path: Path) -> None:
    asked, _ = trained("sequential")
    save(asked, Report(tmp_path))
    assert "no code of the study" in (tmp_path / LOADING).read_text()
    assert keras.models.load_model(tmp_path / EXPORTED / FILE).input_shape == (None, 8)


def test_a_file_that_needs_the_task_s_code_says_so_with_code_that_loads_it(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, _ = trained("own_layer")
    save(asked, Report(tmp_path))
    loading = (tmp_path / LOADING).read_text()
    assert "Could not locate class 'Scale'. This code takes the task's own, `own_layer.py`, which is not in" in loading
    assert "keras-study" not in loading
    _check_code_of_card(loading, asked, tmp_path, monkeypatch)


def test_so_does_one_whose_layers_the_study_has_changed(
    trained: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surgery = Surgery({"remove": {"lambda": Operation("remove", ("lambda",))}})
    asked, _ = trained("own_layer", surgery, remove="lambda")
    save(asked, Report(tmp_path))
    loading = (tmp_path / LOADING).read_text()
    assert "It also takes the package `keras-study`, which changes the layers as the study did." in loading
    _check_code_of_card(loading, asked, tmp_path, monkeypatch)


def _check_code_of_card(loading: str, asked: TrialConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the code of a model card, and compare its answers with the trained model's."""
    assert "could not be run" not in loading
    monkeypatch.chdir(tmp_path / EXPORTED)
    monkeypatch.syspath_prepend(Path(asked.reference).parent)
    names: dict[str, Any] = {}
    exec(loading.partition("```python\n")[2].partition("```")[0], names)
    write_nest(tmp_path / INPUTS, names["inputs"])
    answer(asked, Report(tmp_path))
    assert np.allclose(names["answers"], read_nest(tmp_path / ANSWERS))


def test_a_model_that_cannot_be_written_leaves_its_weights_in_mlflow(trained: Any, tmp_path: Path) -> None:
    asked, _ = trained("subclassed")
    package(asked, Report(tmp_path))
    assert "NotImplementedError" in (tmp_path / PACKED / NEEDS).read_text()
    assert (tmp_path / PACKED / WEIGHTS_FILE).is_file()
    assert "`subclassed.py`" in (tmp_path / PACKED / CARD).read_text()
    assert Model.load(str(tmp_path / PACKED)).flavors == {}, "MLflow's page would show lines that do not work"


@pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType")
def test_a_model_of_texts_is_opened_by_mlflow(trained: Any, tmp_path: Path) -> None:
    asked, _ = trained("texts")
    package(asked, Report(tmp_path))
    assert not (tmp_path / PACKED / NEEDS).exists(), (tmp_path / PACKED / NEEDS).read_text()
    model = Model.load(str(tmp_path / PACKED))
    assert {"keras", "python_function"} <= model.flavors.keys()
    assert model.signature is not None
    assert [str(one.type) for one in model.signature.inputs.inputs] == ["<U0"]


def test_a_model_of_other_numbers_is_not_used(trained: Any, tmp_path: Path) -> None:
    asked, result = trained("sequential")
    recorded = json.loads((tmp_path / RECORDED).read_text())
    recorded["metrics"]["val_loss"] += 1e-9
    recorded["environment"]["keras"] = "3.0.0"
    (tmp_path / RECORDED).write_text(json.dumps(recorded))
    with pytest.raises(DataError) as refused:
        score(asked, Report(tmp_path))
    value = result.metrics["val_loss"]
    assert f"recorded numbers: val_loss is {value}, not {value + 1e-9}; " in str(refused.value)
    assert str(refused.value).endswith(f"changed since then: keras: 3.0.0 -> {keras.__version__}")
    for use in (save, package, answer):
        with pytest.raises(DataError, match="do not give the recorded numbers"):
            use(asked, Report(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.npz", RECORDED, WEIGHTS]
