"""Which weights are kept, and how lost weights are made again."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from study.engines.cell_folder import WEIGHTS
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.winner import weights
from study.winner.choice import choose
from study.winner.weights import check_measured, keep_weights, run_on_model, weights_file
from tests.conftest import ROOT
from tests.ledger.launches import run
from tests.trial_functions import space
from tests.winner.finished_study import TABLE, finished, kept_weights, reaching, write_weights


def test_the_winner_s_weights_stay_alone_unless_all_are_asked_for(tmp_path: Path) -> None:
    shown: list[str] = []
    ledger = finished(tmp_path, keep="all")
    everyone = write_weights(ledger)
    keep_weights(ledger, best := choose(ledger), say=shown.append)
    assert kept_weights(ledger) == sorted(everyone)
    run(tmp_path, edited := replace(ledger.space, keep="best"), reaching(TABLE))
    keep_weights(ledger := Ledger.read(tmp_path, edited.name), best, say=shown.append)
    assert kept_weights(ledger) == [ledger.cell_folder(best.cell.config) / WEIGHTS]
    assert shown == []


@pytest.mark.parametrize("there", ["nothing", "damaged"])
def test_weights_that_are_not_there_come_of_a_replay(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "TRAIN", "tests.trial_functions:leaving_weights")
    run(tmp_path, space(seeds=(0,)))
    ledger = Ledger.read(tmp_path, "played")
    best = choose(ledger)
    path = ledger.cell_folder(best.cell.config) / WEIGHTS
    if there == "damaged":
        path.write_bytes(b"x" * 100)
    shown: list[str] = []
    keep_weights(ledger, best, say=shown.append)
    assert shown == [f"running {best.name} again, because its weights are not in this store"]
    assert path.read_bytes().endswith(best.cell.config.key.encode())


def test_a_replay_that_differs_or_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = finished(tmp_path)  # `leaving_weights` would report other curves than these.
    best = choose(ledger)
    shown: list[str] = []
    monkeypatch.setattr(weights, "TRAIN", "tests.trial_functions:leaving_weights")
    weights_file(ledger, best.cell, say=shown.append)
    assert "of its 2 numbers differ from the first run (no change is known that explains it)" in shown[1]
    with pytest.raises(StudyError, match="so this is not the model that was measured; log it where the first run was"):
        check_measured(ledger, best.cell)
    kept_weights(ledger)[0].unlink()
    monkeypatch.setattr(weights, "TRAIN", "tests.trial_functions:failing")
    with pytest.raises(StudyError, match="was run again, and failed: ValueError: no luck"):
        weights_file(ledger, best.cell, say=shown.append)
    check_measured(ledger, best.cell)


def test_a_worker_function_that_fails_says_for_which_cell(tmp_path: Path) -> None:
    ledger = finished(tmp_path)
    cell = choose(ledger).cell
    write_weights(ledger)
    (folder := tmp_path / "worker").mkdir()
    with pytest.raises(StudyError, match="depth=5, seed 0: ValueError: no luck"):
        run_on_model(ledger, cell, "tests.trial_functions:failing", folder=folder, say=pytest.fail)
    assert (folder / WEIGHTS).is_file()


@pytest.mark.slow
def test_the_best_model_is_at_hand_in_python(smoke: tuple[Path, str], tmp_path: Path) -> None:
    code = (
        "import sys; from study.results import load_study; study = load_study('smoke', store=sys.argv[1]); "
        "print(study.model().count_params(), int(study.best['parameters']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(smoke[0])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    ours, recorded = done.stdout.splitlines()[-1].split()
    assert ours == recorded
