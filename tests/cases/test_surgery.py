"""A model taken apart by the search-space file alone, from `study plan` to an exported model."""

import json
from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from tests.conftest import ROOT, study

pytestmark = pytest.mark.slow
FILE = str(ROOT / "tests" / "user_tasks" / "branched.toml")
REFUSED = {
    "remove=answer": "surgery: answer cannot be removed: answer gives the model's answer",
    "remove=hidden": "surgery: hidden cannot be removed: branch was built for (4) and would get (8); ask for mend = ",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("surgery")
    study("run", FILE, "--store", str(folder), "--workers", "1")
    return folder


def test_the_plan_says_what_will_be_refused_and_times_the_rest() -> None:
    plan = json.loads(study("plan", FILE, "--json"))
    assert {point: reason[: len(REFUSED[point])] for point, reason in plan["refused"].items()} == REFUSED
    assert {model["label"]: model["parameters"] for model in plan["models"]} == {
        "baseline": 61,
        "remove=branch": 41,
        "remove=sum": 61,
        "remove=block": 41,
        "freeze=block": 61,
        "activation=tanh": 61,
    }
    lines = study("plan", FILE).splitlines()
    assert sum(line.startswith("remove=answer: refused: surgery: answer cannot be removed") for line in lines) == 1


def test_impossible_points_are_refused_once_and_the_others_run(store: Path) -> None:
    cells = Ledger.read(store, "branched").cells()
    states = {cell.point: cell.state for cell in cells}
    assert {point for point, state in states.items() if state == "refused"} == set(REFUSED)
    assert {*states.values()} == {"complete", "refused"}
    assert len(cells) == 2 * 8
    assert "freeze=block" in study("effects", "branched", "--store", str(store))
    again = study("run", FILE, "--store", str(store), "--workers", "1")
    assert len(Ledger.read(store, "branched").cells()) == 2 * 8
    assert "Traceback" not in again


def test_a_changed_model_is_replayed_and_exported(store: Path, tmp_path: Path) -> None:
    cells = [cell for cell in Ledger.read(store, "branched").cells() if cell.point == "remove=sum"]
    assert study("replay", "branched", cells[0].config.key[:12], "--store", str(store)).startswith("identical: ")
    study("export-model", "branched", "--out", str(tmp_path / "model"), "--store", str(store))
    assert any(path.suffix == ".keras" for path in (tmp_path / "model").iterdir())
