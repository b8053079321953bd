"""How results are judged, and which files of a finished cell are kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.space.constraint import Constraint
from study.space.factor import Factor
from study.space.trial import TrialResult
from tests.ledger.launches import run, sized, states
from tests.trial_functions import Outcome, diverge, fail, space, succeed


@pytest.mark.parametrize(
    ("metrics", "state", "reason"),
    [
        ({"val_acc": float("nan")}, "diverged", "val_acc is not a number after the last epoch"),
        (
            {"loss": 1.0, "acc": 1.0},
            "failed",
            "reported loss, acc, but not the objective, val_acc; did you mean 'acc'?",
        ),
        ({}, "failed", "reported nothing, but not the objective, val_acc"),
    ],
)
def test_only_a_number_for_the_objective_is_complete(
    tmp_path: Path, metrics: dict[str, float], state: str, reason: str
) -> None:
    with Ledger.own(tmp_path, space(max_retries=0, seeds=(0,))) as ledger:
        trial = ledger.next()
        assert trial is not None
        judged = ledger.record(trial.number, TrialResult("complete", (metrics,) if metrics else ()))
        assert (judged.state, judged.reason) == (state, reason)
        assert +ledger.counts() == {state: 1, "missing": 2}


def test_a_model_that_cannot_be_changed_as_asked_is_refused_for_that_reason(tmp_path: Path) -> None:
    bounded = space(seeds=(0,), constraints=(Constraint("parameters", "<", 20),))
    with Ledger.own(tmp_path, bounded) as ledger:
        trial = ledger.next()
        assert trial is not None
        reason = "surgery: answer cannot be removed: it gives the model's answer"
        judged = ledger.record(trial.number, TrialResult("refused", reason=reason))
        assert (judged.state, judged.reason) == ("refused", reason)
        assert +ledger.counts() == {"refused": 1, "missing": 2}


def test_a_checkpoint_stays_until_its_cell_is_over(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(seeds=(0,), max_retries=0)) as ledger:
        outcomes: list[Outcome] = [succeed, diverge, fail]
        for outcome in outcomes:
            trial = ledger.next()
            assert trial is not None
            folder = ledger.cell_folder(trial.config)
            (folder / "checkpoint").mkdir(parents=True)
            (folder / "state.npz").touch()
            (folder / "log.txt").touch()
            ledger.record(trial.number, outcome(trial.config))
            left = {"checkpoint", "state.npz"} if outcome is fail else set()
            assert {path.name for path in folder.iterdir()} == {"curve.jsonl", "log.txt"} | left


def test_a_model_beyond_a_constraint_is_refused_and_never_again(tmp_path: Path) -> None:
    bounded = space(Factor("width", (8, 16, 32)), constraints=(Constraint("parameters", "<=", 20_000),))
    trials = run(tmp_path, bounded, sized)
    assert len(trials) == 6
    assert run(tmp_path, bounded, sized) == []
    assert states(tmp_path) == {"complete": 4, "refused": 2}
    refused = [cell for cell in Ledger.read(tmp_path, "played").cells() if cell.state == "refused"]
    assert [cell.point for cell in refused] == ["width=32", "width=32"]
    assert {cell.result.reason for cell in refused if cell.result} == {"parameters = 32_000, not parameters <= 20_000"}
    looser = replace(bounded, constraints=(Constraint("parameters", "<=", 40_000),))
    with pytest.raises(StoreError, match="constraints: parameters <= 20_000 -> parameters <= 40_000"):
        run(tmp_path, looser)


def test_before_its_first_epoch_a_model_is_held_against_the_constraints(tmp_path: Path) -> None:
    bounded = space(constraints=(Constraint("parameters", "<", 20), Constraint("flops", ">=", 5)))
    with Ledger.own(tmp_path, bounded) as ledger:
        trial = ledger.next()
        assert trial
        assert ledger.built(trial.number, {"parameters": 19, "flops": 5})
        assert not ledger.built(trial.number, {"parameters": 20, "flops": 5})
        assert not ledger.built(trial.number, {"parameters": 19})
        judged = ledger.record(trial.number, TrialResult("refused", parameters=20))
        assert judged.reason == "parameters = 20, not parameters < 20; flops = unknown, not flops >= 5"
