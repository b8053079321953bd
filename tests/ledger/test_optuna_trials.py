"""The trials as Optuna stores them."""

from pathlib import Path

from optuna.trial import TrialState

from study.ledger.store import study_folder
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from tests.ledger.launches import run, states, stored
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import curve, diverge, space


def test_optuna_sees_plain_trials(tmp_path: Path) -> None:
    trials = run(tmp_path, space(POOLING, DEPTH))
    for kept, trial in zip(stored(tmp_path).trials, trials, strict=True):
        assert kept.state == TrialState.COMPLETE
        assert kept.params == {name: trial.config.settings[name] for name in ("pooling", "depth")}
        assert kept.value == curve(trial.config)[-1]["val_acc"]


def test_a_factor_of_any_text_may_get_further_levels(tmp_path: Path) -> None:
    standard = {**space().baseline, "free": "a"}

    def asked(*levels: str) -> SearchSpace:
        return space(Factor("free", levels), defaults=standard, baseline=standard)

    run(tmp_path, asked("a", "b"))
    run(tmp_path, asked("c", "a", "b"))
    assert [trial.params["free"] for trial in stored(tmp_path).trials] == ["a", "b", "a", "b", "c", "c"]


def test_the_result_of_a_trial_is_kept_that_was_never_told(tmp_path: Path) -> None:
    run(tmp_path, space(), most=1)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]))
    assert stored(tmp_path).trials[0].state == TrialState.RUNNING
    assert states(tmp_path) == {"complete": 1, "missing": 5}
    assert len(run(tmp_path, space())) == 5
    first = stored(tmp_path).trials[0]
    assert first.value == curve(space().config({}, seed=0))[-1]["val_acc"]


def test_a_diverged_trial_is_a_result(tmp_path: Path) -> None:
    assert len(run(tmp_path, space(), diverge)) == 6
    assert run(tmp_path, space()) == []
    assert states(tmp_path) == {"diverged": 6}
    assert {trial.state for trial in stored(tmp_path).trials} == {TrialState.PRUNED}
