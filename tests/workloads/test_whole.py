"""The whole of each workload, as its user types it: from `study check` to a model that opens in another process."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from study.engines.local import LocalEngine
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.training.environment import worker_environment
from tests.conftest import ROOT, study
from tests.faults.site import kill, wait_until, workers_of
from tests.workloads.plain_fit import PLAIN_FIT
from tests.workloads.test_quick import FOLDER, WORKLOADS, as_texts, finish

pytestmark = pytest.mark.slow
OTHERS = {"keras_file": {"remove=flat": "refused"}}
"""Points that are not trained, with their states. A model that ends in a map gives no answer of the right shape."""
_OPENING = """
import pickle
import sys
from pathlib import Path

sys.path += sys.argv[1:]
{code}
Path("answers.pickle").write_bytes(pickle.dumps(globals().get("answers")))
assert "study" not in sys.modules
"""


@pytest.fixture(scope="module", params=WORKLOADS)
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A workload whose study was checked, planned and run by commands. Returns its name and the store."""
    name, store = request.param, tmp_path_factory.mktemp(request.param)
    file = str(FOLDER / f"{name}.toml")
    study("check", file)
    assert "a trial" in study("plan", file, "--store", str(store))
    study("run", file, "--store", str(store), "--workers", "1")
    return name, store


def cells(store: Path, name: str) -> list[Cell]:
    return Ledger.read(store, name).cells()


def curves(store: Path, name: str) -> dict[str, list[dict[str, str]]]:
    """Returns the curve of each cell by its key."""
    ledger = Ledger.read(store, name)
    return {cell.config.key: as_texts(tuple(ledger.curve(cell.config.key))) for cell in ledger.cells()}


def test_every_cell_is_complete(finished: tuple[str, Path]) -> None:
    name, store = finished
    states = {cell.point: cell.state for cell in cells(store, name)}
    assert {point: state for point, state in states.items() if state != "complete"} == OTHERS.get(name, {})


def test_each_point_has_the_numbers_of_fit(finished: tuple[str, Path], tmp_path: Path) -> None:
    name, store = finished
    recorded = curves(store, name)
    engine = LocalEngine(PLAIN_FIT, environment=worker_environment(1))
    try:
        for cell in cells(store, name):
            if cell.config.seed == 0 and cell.state == "complete":
                fitted = finish(engine, cell.config, tmp_path / cell.config.key)
                assert fitted.state == "complete", f"{fitted.reason}\n{fitted.traceback}"
                assert recorded[cell.config.key] == as_texts(fitted.curve), cell.point
    finally:
        engine.close()


def test_a_replay_gives_the_same_bits(finished: tuple[str, Path]) -> None:
    name, store = finished
    key = cells(store, name)[-1].config.key
    assert study("replay", name, key[:12], "--store", str(store)).startswith("identical: ")


@pytest.mark.parametrize("victim", ["worker", "launcher"])
def test_a_killed_study_ends_with_the_same_bits(finished: tuple[str, Path], victim: str, tmp_path: Path) -> None:
    name, undisturbed = finished
    command = ["run", str(FOLDER / f"{name}.toml"), "--store", str(tmp_path), "--workers", "1"]
    with subprocess.Popen([sys.executable, "-m", "study", *command], cwd=ROOT, stdout=subprocess.DEVNULL) as launcher:
        wait_until(lambda: epochs_of(tmp_path) >= 2, seconds=200)
        targets = workers_of(launcher.pid) if victim == "worker" else [launcher.pid]
        assert all(map(kill, targets))
        assert targets
        ended = launcher.wait(timeout=300)
    assert ended == (0 if victim == "worker" else -9)
    if victim == "launcher":
        assert any(cell.state in ("missing", "running") for cell in cells(tmp_path, name))
    study(*command)
    assert curves(tmp_path, name) == curves(undisturbed, name)


def epochs_of(store: Path) -> int:
    """Returns how many epochs the launcher has recorded."""
    return sum(len(file.read_bytes().splitlines()) for file in store.glob("studies/*/cells/*/curve.jsonl"))


def test_the_exported_model_opens_in_a_process_that_knows_no_study(finished: tuple[str, Path], tmp_path: Path) -> None:
    name, store = finished
    folder = tmp_path / "model"
    study("export-model", name, "--out", str(folder), "--store", str(store))
    card = (folder / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"```python\n(.*?)```", card, re.DOTALL)[-1]
    (folder / "opening.py").write_text(_OPENING.format(code=code), encoding="utf-8")
    command = [sys.executable, "-I", "opening.py", *([str(FOLDER)] if f"{name}.py" in card else [])]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{card}\n{done.stderr}"
    answers = pickle.loads((folder / "answers.pickle").read_bytes())
    if answers is None:
        assert name == "gan", "only a model without a `call` answers nothing"
        return
    for answer in answers.values() if isinstance(answers, dict) else [answers]:
        assert np.isfinite(answer).all()
