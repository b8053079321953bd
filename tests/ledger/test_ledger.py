"""The ledger: every cell once, whatever is killed, torn or added."""

import itertools
import os
import platform
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from study.errors import StoreError
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.space import points as design
from study.space.constraint import Constraint
from study.space.design import Confirm, Design, Pruner, Sampler
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.revision import revision
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from study.task import Fidelity
from tests import toy_task
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import Outcome, curve, diverge, fail, space, succeed

RATE = Factor("rate", Range(0.001, 1.0, log=True))


@pytest.fixture(autouse=True)
def _lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what guards against power cuts alone: nobody cuts the power here, and it takes most of the time."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


class KilledError(Exception):
    """Ends a launcher as a kill would: nothing is tidied up but what the system tidies."""


def work(ledger: Ledger, outcome: Outcome = succeed, *, most: int | None = None) -> list[Trial]:
    """Run what is missing, one trial after another; what was run."""
    claims: list[Trial] = []
    while (most is None or len(claims) < most) and (claim := ledger.next()):
        for epoch, metrics in enumerate((result := outcome(claim.config)).curve, start=1):
            ledger.epoch(claim.number, epoch, metrics)
        ledger.record(claim.number, result)
        claims.append(claim)
    return claims


def run(store: Path, space: SearchSpace, outcome: Outcome = succeed, *, most: int | None = None) -> list[Trial]:
    """Be a launcher from its start to its end; what it ran."""
    with Ledger.own(store, space) as ledger:
        return work(ledger, outcome, most=most)


def killed(store: Path, space: SearchSpace, *, after: int, during: int = 1, outcome: Outcome = succeed) -> list[Trial]:
    """Be a launcher that is killed while `during` trials run, after it has finished some; what it finished."""
    with pytest.raises(KilledError), Ledger.own(store, space) as ledger:
        done = work(ledger, outcome, most=after)
        for _ in range(during):
            claim = ledger.next()
            assert claim is not None
            ledger.epoch(claim.number, 1, curve(claim.config)[0])
        raise KilledError
    return done


def named(claims: list[Trial]) -> list[str]:
    return [f"{claim.point} {claim.config.seed}" for claim in claims]


def keys(claims: list[Trial]) -> list[str]:
    return [claim.config.key for claim in claims]


def states(store: Path, name: str = "played") -> Counter[str]:
    ledger = Ledger.read(store, name)
    counts = +ledger.counts()
    assert Counter(cell.state for cell in ledger.cells()) <= counts
    return counts


def stored(store: Path, name: str = "played") -> optuna.Study:
    """The study as any program sees it that knows Optuna alone."""
    journal = JournalFileBackend(str(study_folder(store, name) / "trials.journal"))
    return optuna.load_study(study_name=name, storage=JournalStorage(journal))


# Every cell once


@pytest.mark.parametrize("kind", ["ablation", "grid"])
def test_every_cell_is_run_once_and_a_second_run_runs_nothing(tmp_path: Path, kind: Any) -> None:
    two = space(DEPTH, POOLING, kind=kind)
    claims = run(tmp_path, two)
    assert keys(claims) == [config.key for config in design.cells(two)]
    assert named(claims)[0] == "baseline 0"
    assert run(tmp_path, two) == []
    assert states(tmp_path) == {"complete": design.count(two)}


def test_cells_that_are_claimed_together_are_different_ones(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        claims = [claim for _ in range(6) if (claim := ledger.next())]
        assert ledger.next() is None
        assert len(set(keys(claims))) == 6
        assert +ledger.counts() == {"running": 6}
        for claim in reversed(claims):
            ledger.record(claim.number, succeed(claim.config))
        assert +ledger.counts() == {"complete": 6}


def test_what_is_stored_is_what_came_out(tmp_path: Path) -> None:
    claims = run(tmp_path, space(POOLING))
    ledger = Ledger.read(tmp_path, "played")
    for cell, claim in zip(ledger.cells(), claims, strict=True):
        assert cell.config.key == claim.config.key
        assert cell.result == replace(succeed(claim.config), curve=())
        assert tuple(ledger.curve(cell.config.key)) == curve(claim.config)


def test_optuna_sees_plain_trials(tmp_path: Path) -> None:
    claims = run(tmp_path, space(POOLING, DEPTH))
    for trial, claim in zip(stored(tmp_path).trials, claims, strict=True):
        assert trial.state == TrialState.COMPLETE
        assert trial.params == {name: claim.config.settings[name] for name in ("pooling", "depth")}
        assert trial.value == curve(claim.config)[-1]["val_acc"]


def test_the_study_of_a_folder_is_found_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no study 'played'; it holds no study yet"):
        Ledger.read(tmp_path, "played")
    run(tmp_path, space())
    with pytest.raises(StoreError, match=r"no study 'plaid'; there are played"):
        Ledger.read(tmp_path, "plaid")
    assert Ledger.read(tmp_path, "played").space == space()


def test_a_store_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"), Ledger.own(tmp_path / "file", space()):
        pass


# What is lost


@pytest.mark.parametrize("during", [1, 3])
def test_whoever_was_running_at_a_kill_is_run_again(tmp_path: Path, during: int) -> None:
    done = killed(tmp_path, space(), after=2, during=during)
    assert states(tmp_path) == {"complete": 2, "missing": 4}
    again = run(tmp_path, space())
    assert len(again) == 4
    assert not set(keys(done)) & set(keys(again))
    assert states(tmp_path) == {"complete": 6}
    assert Counter(trial.state.name for trial in stored(tmp_path).trials) == {"COMPLETE": 6, "FAIL": during}


def test_a_launcher_that_stops_gives_its_trials_back(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        ledger.next()
    (trial,) = stored(tmp_path).trials
    assert trial.state == TrialState.FAIL
    assert trial.user_attrs["lost"] == "the launcher stopped"
    assert len(run(tmp_path, space())) == 6


def test_a_lost_trial_is_no_failure(tmp_path: Path) -> None:
    once = space(max_retries=0)
    for _ in range(4):
        killed(tmp_path, once, after=0)
    assert len(run(tmp_path, once)) == 6
    assert states(tmp_path) == {"complete": 6}


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


def outcomes(config: TrialConfig) -> TrialResult:
    """Everything that may happen, by depth."""
    return {1: diverge, 3: succeed, 5: fail}[int(config.settings["depth"])](config)


def test_a_journal_that_is_cut_anywhere_loses_one_trial_and_no_cell(tmp_path: Path) -> None:
    small = space(max_retries=1, seeds=(0,), fidelity=replace(toy_task.task.fidelity, epochs=2))
    run(tmp_path / "whole", small, outcomes)
    name = study_folder(Path(), "played") / "trials.journal"
    content = (tmp_path / "whole" / name).read_bytes()
    ends = [place for place, byte in enumerate(content, start=1) if byte == ord("\n")]
    assert len(ends) >= 20
    cuts = [0, 1, *ends, *(end + 1 for end in ends[:-1]), *(end - 1 for end in ends), *(end - 20 for end in ends)]
    for number, cut in enumerate(cuts):
        store = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", store)
        (store / name).write_bytes(content[:cut])
        results = content[: content.rfind(b"\n", 0, cut) + 1].count(b'"result"')
        claims = run(store, small, outcomes)
        assert len(claims) == 4 - results, f"cut at {cut}"
        assert states(store) == {"complete": 1, "diverged": 1, "failed": 1}
        shutil.rmtree(store)


def test_a_study_that_was_cut_off_while_it_was_made_is_said_so(tmp_path: Path) -> None:
    run(tmp_path, space(), most=0)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    for size in (0, 10, len(journal.read_bytes().splitlines()[0]) + 1):
        os.truncate(journal, size)
        with pytest.raises(StoreError, match="cut off while it was made"):
            Ledger.read(tmp_path, "played")
    assert len(run(tmp_path, space())) == 6


@pytest.mark.parametrize("line", ["{}", "7", "what is this?", '{"op_code": 77, "worker_id": "0"}'])
def test_a_journal_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path, line: str) -> None:
    run(tmp_path, space())
    journal = study_folder(tmp_path, "played") / "trials.journal"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([*lines[:9], line, *lines[9:], ""]))
    before = journal.read_bytes()
    with pytest.raises(StoreError, match=r"trials\.journal: cannot be read"), Ledger.own(tmp_path, space()):
        pass
    with pytest.raises(StoreError, match=r"trials\.journal: cannot be read"):
        Ledger.read(tmp_path, "played")
    assert journal.read_bytes() == before


def test_a_study_that_something_else_made_is_left_alone(tmp_path: Path) -> None:
    journal = study_folder(tmp_path, "played") / "trials.journal"
    journal.parent.mkdir(parents=True)
    other = optuna.create_study(study_name="played", storage=JournalStorage(JournalFileBackend(str(journal))))
    other.add_trial(optuna.create_trial(value=1.0))
    before = journal.read_bytes()
    with pytest.raises(StoreError, match="that another version made"), Ledger.own(tmp_path, space()):
        pass
    assert journal.read_bytes() == before


def test_a_study_may_be_renamed_with_its_folder(tmp_path: Path) -> None:
    run(tmp_path, space(), most=4)
    study_folder(tmp_path, "played").rename(study_folder(tmp_path, "better"))
    assert len(run(tmp_path, space(name="better"))) == 2
    assert Ledger.read(tmp_path, "better").space.name == "better"


def test_a_lock_that_a_dead_launcher_left_on_the_journal_holds_nobody_up(tmp_path: Path) -> None:
    run(tmp_path, space(), most=1)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    journal.with_name("trials.journal.lock").symlink_to(journal)
    assert len(run(tmp_path, space())) == 5


def test_zeros_that_a_power_cut_left_in_the_journal_are_cut_off(tmp_path: Path) -> None:
    run(tmp_path, space(), most=3)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code":4' + bytes(4096) + b"}\n" + whole.splitlines(keepends=True)[-1])
    assert len(run(tmp_path, space())) == 3
    assert journal.read_bytes().startswith(whole)


# What fails


def test_a_failure_is_retried_and_then_final(tmp_path: Path) -> None:
    claims = run(tmp_path, space(max_retries=2), fail)
    assert set(Counter(keys(claims)).values()) == {3}
    assert states(tmp_path) == {"failed": 6}
    assert run(tmp_path, space(max_retries=2)) == []
    cell = Ledger.read(tmp_path, "played").cells()[0]
    assert cell.failures == 3
    assert cell.result is not None
    assert cell.result.reason == "ValueError: no luck"
    assert cell.result.traceback.startswith("Traceback")


def test_more_retries_may_be_asked_for_later(tmp_path: Path) -> None:
    run(tmp_path, space(max_retries=0), fail)
    assert len(run(tmp_path, space(max_retries=1))) == 6
    assert states(tmp_path) == {"complete": 6}


def test_failures_are_counted_over_restarts(tmp_path: Path) -> None:
    assert len(run(tmp_path, space(max_retries=1), fail, most=4)) == 4
    assert states(tmp_path) == {"missing": 6}
    assert len(run(tmp_path, space(max_retries=1), fail)) == 8
    assert states(tmp_path) == {"failed": 6}


def test_other_cells_are_run_before_a_retry(tmp_path: Path) -> None:
    assert len(set(keys(run(tmp_path, space(), fail, most=6)))) == 6


def test_a_diverged_trial_is_a_result(tmp_path: Path) -> None:
    assert len(run(tmp_path, space(), diverge)) == 6
    assert run(tmp_path, space()) == []
    assert states(tmp_path) == {"diverged": 6}
    assert {trial.state for trial in stored(tmp_path).trials} == {TrialState.PRUNED}


@pytest.mark.parametrize(
    ("metrics", "state", "reason"),
    [
        ({"val_acc": float("nan")}, "diverged", "val_acc is not a number after the last epoch"),
        ({"loss": 1.0, "acc": 1.0}, "failed", "reported loss, acc, but not the objective, val_acc"),
        ({}, "failed", "reported nothing, but not the objective, val_acc"),
    ],
)
def test_only_a_number_for_the_objective_is_complete(
    tmp_path: Path, metrics: dict[str, float], state: str, reason: str
) -> None:
    with Ledger.own(tmp_path, space(max_retries=0, seeds=(0,))) as ledger:
        claim = ledger.next()
        assert claim is not None
        judged = ledger.record(claim.number, TrialResult("complete", (metrics,) if metrics else ()))
        assert (judged.state, judged.reason) == (state, reason)
        assert +ledger.counts() == {state: 1, "missing": 2}


def test_a_checkpoint_stays_until_its_cell_is_over(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(seeds=(0,), max_retries=0)) as ledger:
        outcomes: list[Outcome] = [succeed, diverge, fail]
        for outcome in outcomes:
            claim = ledger.next()
            assert claim is not None
            folder = ledger.cell_folder(claim.config)
            (folder / "checkpoint").mkdir(parents=True)
            (folder / "state.npz").touch()
            (folder / "log.txt").touch()
            ledger.record(claim.number, outcome(claim.config))
            left = {"checkpoint", "state.npz"} if outcome is fail else set()
            assert {path.name for path in folder.iterdir()} == {"curve.jsonl", "log.txt"} | left


def test_what_finished_is_told_with_the_curve_of_the_last_trial_alone(tmp_path: Path) -> None:
    tried: set[str] = set()

    def second_time(config: TrialConfig) -> TrialResult:
        if config.key in tried:
            return succeed(config)
        tried.add(config.key)
        return fail(config)

    run(tmp_path, space(seeds=(0,)), second_time)
    finished = list(Ledger.read(tmp_path, "played").finished())
    assert sorted(claim.number for claim, _ in finished) == list(range(6))
    for claim, result in finished:
        assert result == (fail if claim.number < 3 else succeed)(claim.config)
    some = Ledger.read(tmp_path, "played").finished(but={0, 1, 2, 3})
    assert sorted(claim.number for claim, _ in some) == [4, 5]


# Growth


GROWN = {
    "seeds": (space(seeds=(0, 1, 5)), ["baseline 5", "depth=1 5", "depth=5 5"]),
    "fewer seeds": (space(seeds=(1,)), []),
    "levels": (space(Factor("depth", (1, 3, 5, 9))), ["depth=9 0", "depth=9 1"]),
    "factors": (space(DEPTH, NORM), ["norm=false 0", "norm=false 1"]),
    "another kind": (
        space(DEPTH, NORM, kind="grid", seeds=(0,)),
        ["norm=false 0", "depth=1 norm=false 0", "depth=5 norm=false 0"],
    ),
}


@pytest.mark.parametrize("name", GROWN)
def test_a_study_that_grows_runs_its_new_cells_alone(tmp_path: Path, name: str) -> None:
    grown, new = GROWN[name]
    run(tmp_path, space())
    assert named(run(tmp_path, grown)) == new
    assert states(tmp_path) == {"complete": design.count(grown)}
    assert run(tmp_path, grown) == []


def test_a_setting_that_the_task_gets_or_loses_changes_nothing_at_its_default(tmp_path: Path) -> None:
    run(tmp_path, space())
    more = {**space().defaults, "new": 7}
    assert run(tmp_path, space(defaults=more, baseline=more)) == []
    assert run(tmp_path, space()) == []


def test_a_task_may_allow_more_choices_than_before(tmp_path: Path) -> None:
    run(tmp_path, space(Factor("pooling", ("max", "mean"), ("max", "mean"))))
    assert named(run(tmp_path, space(POOLING))) == ["pooling=flat 0", "pooling=flat 1"]


def changed(**settings: Any) -> dict[str, Any]:
    return {**space().baseline, **settings}


EDITS = {
    "baseline.width: 16 -> 32": space(baseline=changed(width=32)),
    "default.width: 16 -> 32": space(defaults=changed(width=32)),
    "fidelity.epochs: 3 -> 5": space(fidelity=Fidelity(5, 100, 10)),
    "objective.metric: val_acc -> loss": space(objectives=(Objective("loss", "maximize"),)),
    "objective.direction: maximize -> minimize": space(objectives=(Objective("val_acc", "minimize"),)),
    "vary: order, weights -> data, order, weights": space(vary=("weights", "order", "data")),
    "task version: 1 -> 2": space(task_version=2),
    "design.kind: no sweep -> sweep": space(design=Design("sweep", trials=9), seeds=(0,)),
}


@pytest.mark.parametrize("change", EDITS)
def test_edits_that_would_spoil_results_are_refused_with_what_differs(tmp_path: Path, change: str) -> None:
    run(tmp_path, space(), most=1)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    before = journal.read_bytes()
    with pytest.raises(StoreError) as error, Ledger.own(tmp_path, EDITS[change]):
        pass
    assert change in [line.strip() for line in str(error.value).splitlines()]
    assert "another `name`" in str(error.value)
    assert journal.read_bytes() == before
    assert len(run(tmp_path, space())) == 5


def test_a_removed_setting_that_was_not_at_its_default_is_refused(tmp_path: Path) -> None:
    more = {**space().defaults, "new": 7}
    run(tmp_path, space(defaults=more, baseline={**more, "new": 8}))
    with pytest.raises(StoreError, match=r"baseline\.new: 8 -> 7"), Ledger.own(tmp_path, space()):
        pass


@pytest.mark.parametrize("change", EDITS)
def test_without_results_a_study_may_still_become_another(tmp_path: Path, change: str) -> None:
    killed(tmp_path, space(), after=0)
    edited = EDITS[change]
    claims = run(tmp_path, edited, most=2)
    assert len(claims) == 2
    assert Ledger.read(tmp_path, "played").space == edited
    assert stored(tmp_path).direction.name.lower() == edited.objective.direction


def test_what_is_no_part_of_a_result_is_free_to_edit(tmp_path: Path) -> None:
    run(tmp_path, space())
    edited = space(
        max_retries=5, trial_timeout=9.0, margin=0.1, nuisance=("depth",), description="new", comparison="paired",
        design=Design("ablation", seed=3), reference="tests.toy_task:task",
    )  # fmt: skip
    assert run(tmp_path, edited) == []
    assert Ledger.read(tmp_path, "played").space == edited


def test_a_revision_of_what_decides_a_conclusion_is_kept(tmp_path: Path) -> None:
    killed(tmp_path, space(), after=0)
    run(tmp_path, space(margin=0.2))
    assert Ledger.read(tmp_path, "played").revisions == []  # Nothing was known yet.
    results = len(list(Ledger.read(tmp_path, "played").finished()))
    asked = space(margin=0.1, comparison="paired", max_retries=7)
    said = [f"after {results} results: comparison welch → paired, margin 0.2 → 0.1"]
    assert Ledger.read(tmp_path, "played", space=asked).revisions == said
    run(tmp_path, asked)
    run(tmp_path, asked)
    assert Ledger.read(tmp_path, "played").revisions == said
    run(tmp_path, space(margin=0.1, comparison="paired", seeds=(0, 1, 2, 3, 4, 5)))
    (first, second) = Ledger.read(tmp_path, "played").revisions
    assert (first, second.split(": ")[1]) == (said[0], "seeds 0 1 → 0 1 2 3 4 5")


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (space(), space(seeds=(1, 0)), ""),
        (space(POOLING, NORM), space(NORM, POOLING), ""),
        (space(POOLING, NORM), space(POOLING, NORM, kind="grid"), "design ablation → grid"),
        (space(DEPTH), space(DEPTH, nuisance=("depth",)), "nuisance none → depth"),
        (space(RATE, design=Design("sweep", trials=4)), space(RATE, design=Design("sweep", trials=8)), "trials 4 → 8"),
    ],
)  # fmt: skip
def test_a_revision_is_what_decides_and_not_its_order(before: SearchSpace, now: SearchSpace, said: str) -> None:
    assert revision(before, now, results=9) == (f"after 9 results: {said}" if said else "")
    assert revision(before, now, results=0) == ""


def test_threads_are_fixed_by_the_first_result(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(), threads=2) as ledger:
        assert ledger.threads == 2
    with Ledger.own(tmp_path, space()) as ledger:
        assert ledger.threads == 2
    with Ledger.own(tmp_path, space(), threads=3) as ledger:
        work(ledger, most=1)
    with pytest.raises(StoreError, match="threads: 3 -> 1"), Ledger.own(tmp_path, space(), threads=1):
        pass
    with Ledger.own(tmp_path, space()) as ledger:
        assert ledger.threads == 3
    assert Ledger.read(tmp_path, "played").threads == 3


# Who owns it


def test_a_second_launcher_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        ledger.next()
        with pytest.raises(StoreError) as error, Ledger.own(tmp_path, space()):
            pass
        assert f"'played' is being run by process {os.getpid()} on {platform.node()}" in str(error.value)
        assert states(tmp_path) == {"running": 1, "missing": 5}
        with Ledger.own(tmp_path, space(name="other")) as other:
            assert len(work(other)) == 6
    assert states(tmp_path) == {"missing": 6}


def test_reading_while_a_launcher_writes_disturbs_neither(tmp_path: Path) -> None:
    journal = study_folder(tmp_path, "played") / "trials.journal"
    with Ledger.own(tmp_path, space()) as ledger:
        while claim := ledger.next():
            content = journal.read_bytes()
            journal.write_bytes(content + b'{"op_code":8,"tri')  # A line that is being written.
            assert sum(states(tmp_path).values()) == 6
            journal.write_bytes(content)
            ledger.record(claim.number, succeed(claim.config))


# Sweeps


def sweep(
    *factors: Factor, trials: int = 12, sampler: Sampler = "tpe", pruner: Pruner = "none", **changes: Any
) -> SearchSpace:
    confirm = changes.pop("confirm", Confirm(top=2, seeds=3))
    how = Design("sweep", trials=trials, sampler=sampler, pruner=pruner, confirm=confirm)
    return space(*factors, design=how, seeds=(0,), **changes)


def split(claims: list[Trial]) -> tuple[list[Trial], list[Trial]]:
    return [c for c in claims if c.phase == "search"], [c for c in claims if c.phase == "confirm"]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_sweep_tries_so_many_distinct_points_and_the_baseline_first(tmp_path: Path, sampler: Sampler) -> None:
    claims = run(tmp_path, wide := sweep(POOLING, RATE, trials=15, sampler=sampler))
    search, confirm = split(claims)
    assert claims == search + confirm
    assert len(set(keys(search))) == len(search) == 15
    assert named(search)[0] == "baseline 0"
    assert {claim.config.seed for claim in search} == {0}
    assert states(tmp_path) == {"complete": design.count(wide)} == {"complete": 15 + 9}
    assert run(tmp_path, wide) == []


def test_the_best_points_and_the_baseline_are_confirmed_on_fresh_seeds(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, sweep(DEPTH, POOLING, trials=8)))
    best = sorted(search[1:], key=lambda claim: curve(claim.config)[-1]["val_acc"], reverse=True)[:2]
    assert Counter(claim.point for claim in confirm) == {"baseline": 3} | {claim.point: 3 for claim in best}
    assert Counter(claim.config.seed for claim in confirm) == {1: 3, 2: 3, 3: 3}
    assert len({*keys(search), *keys(confirm)}) == 8 + 9


def test_the_lowest_is_best_where_it_is_minimized(tmp_path: Path) -> None:
    low = sweep(DEPTH, POOLING, trials=8, confirm=Confirm(1, 1), objectives=(Objective("val_acc", "minimize"),))
    search, confirm = split(run(tmp_path, low))
    best = min(search[1:], key=lambda claim: curve(claim.config)[-1]["val_acc"])
    assert [claim.point for claim in confirm] == ["baseline", best.point]


def test_a_small_space_is_searched_whole_and_then_confirmed(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, small := sweep(DEPTH, POOLING, NORM, trials=100, sampler="random")))
    assert len(set(keys(search))) == len(search) == 18
    assert len(confirm) == 9
    assert states(tmp_path) == {"complete": 27} == {"complete": design.count(small)}
    assert run(tmp_path, small) == []
    said = {trial.user_attrs.get("drawn") for trial in stored(tmp_path).trials}
    assert said >= {None, "draw 2 of the sampler, which repeated itself"}
    assert "drawn at random because the sampler repeated itself" in said
    levels = sweep(DEPTH, POOLING, NORM, Factor("width", (8, 16)), trials=20, sampler="random")
    again = run(tmp_path, levels)
    assert len(split(again)[0]) == 2
    assert {claim.config.settings["width"] for claim in split(again)[0]} == {8}


def test_a_point_that_the_task_refuses_is_never_suggested(tmp_path: Path) -> None:
    deep = sweep(Factor("depth", (3, 7)), POOLING, trials=50, confirm=Confirm(1, 1))
    search, _ = split(run(tmp_path, deep))
    assert len(search) == 5
    assert "depth=7 pooling=flat" not in {claim.point for claim in search}
    assert states(tmp_path) == {"complete": 7}


BOTH = (Objective("val_acc", "maximize"), Objective("flops", "minimize"))


@pytest.mark.parametrize("sampler", ["tpe", "random", "qmc", "cmaes", "nsga2"])
def test_suggestions_do_not_depend_on_restarts_and_kills(tmp_path: Path, sampler: Sampler) -> None:
    objectives = BOTH if sampler == "nsga2" else BOTH[:1]
    factors = (POOLING, RATE, Factor("width", Range(8, 64)))
    wide = sweep(*factors, trials=24, sampler=sampler, confirm=Confirm(1, 1), objectives=objectives)
    whole = run(tmp_path / "whole", wide)
    pieces: list[Trial] = []
    for number in range(len(whole)):
        if number % 3 == 1:
            killed(tmp_path / "pieces", wide, after=0)
        pieces += run(tmp_path / "pieces", wide, most=1)
    assert keys(pieces) == keys(whole)
    other = replace(wide, design=replace(wide.design, seed=1), name="other")
    assert keys(run(tmp_path / "whole", other, most=4))[1:] != keys(whole)[1:4]


def test_parallel_suggestions_are_distinct(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, sweep(DEPTH, POOLING, trials=9)) as ledger:
        claims = [claim for _ in range(9) if (claim := ledger.next())]
        assert ledger.next() is None
        assert len(set(keys(claims))) == 9
        assert ledger.counts() == {"running": 9, "missing": 9}
        for claim in claims:
            ledger.record(claim.number, succeed(claim.config))
        assert ledger.counts() == {"complete": 9, "missing": 9}
        assert len(work(ledger)) == 9


def test_a_sweep_whose_trials_fail_ends(tmp_path: Path) -> None:
    search, confirm = split(run(tmp_path, sweep(DEPTH, POOLING, trials=5, max_retries=1), fail))
    assert len(search) == 10
    assert Counter(claim.point for claim in confirm) == {"baseline": 6}
    assert states(tmp_path) == {"failed": 8}


def test_a_sweep_goes_on_where_its_search_was_killed(tmp_path: Path) -> None:
    wide = sweep(POOLING, RATE, trials=8)
    done = killed(tmp_path, wide, after=4, during=2)
    assert states(tmp_path) == {"complete": 4, "missing": 13}
    again = run(tmp_path, wide)
    assert len(again) == 13
    assert not set(keys(done)) & set(keys(again))


def test_a_sweep_may_get_more_trials_levels_and_factors(tmp_path: Path) -> None:
    run(tmp_path, sweep(Factor("depth", (1, 3)), RATE, trials=6))
    wider = Factor("rate", Range(0.0001, 1.0, log=True))
    search, _ = split(run(tmp_path, more := sweep(DEPTH, wider, POOLING, trials=20)))
    assert len(search) == 14
    assert {claim.config.settings["pooling"] for claim in search} == {"max", "mean", "flat"}
    assert states(tmp_path) == {"complete": design.count(more)}
    narrow = sweep(Factor("depth", (3, 5)), Factor("rate", (0.1, 0.2)), trials=22)
    assert len(split(run(tmp_path, narrow))[0]) == 2


def climbing(config: TrialConfig) -> TrialResult:
    """The later a point is suggested, the worse it is: all but the baseline's first rivals deserve to be pruned."""
    height = 0.1 if config.settings["depth"] == 5 else 0.9
    metrics = [{"val_acc": height * epoch / 3} for epoch in (1, 2, 3)]
    return replace(succeed(config), curve=tuple(metrics))


def pruned_at(ledger: Ledger, claim: Trial) -> int | None:
    for epoch, metrics in enumerate(climbing(claim.config).curve, start=1):
        if not ledger.epoch(claim.number, epoch, metrics):
            seen = climbing(claim.config).curve[:epoch]
            ledger.record(claim.number, TrialResult("pruned", seen, reason="ended by the pruner"))
            return epoch
    ledger.record(claim.number, climbing(claim.config))
    return None


@pytest.mark.parametrize("pruner", ["none", "median"])
def test_the_median_pruner_prunes_in_the_search_and_nowhere_else(tmp_path: Path, pruner: Pruner) -> None:
    ended: dict[str, list[int | None]] = {"search": [], "confirm": []}
    bad: list[int | None] = []
    with Ledger.own(tmp_path, sweep(DEPTH, RATE, trials=25, pruner=pruner, sampler="random")) as ledger:
        while claim := ledger.next():
            epoch = pruned_at(ledger, claim)
            ended[claim.phase].append(epoch)
            if claim.phase == "search" and claim.config.settings["depth"] == 5:
                bad.append(epoch)
        counts = +ledger.counts()
    assert bad[-1] == (1 if pruner == "median" else None)
    assert set(ended["confirm"]) == {None}
    assert counts == +Counter({"pruned": 25 - ended["search"].count(None), "complete": ended["search"].count(None) + 9})
    assert run(tmp_path, sweep(DEPTH, RATE, trials=25, pruner=pruner, sampler="random")) == []


def test_no_pruning_in_an_enumerated_design(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space(seeds=tuple(range(9)))) as ledger:
        while claim := ledger.next():
            assert pruned_at(ledger, claim) is None


@pytest.mark.parametrize("pruner", ["hyperband", "successive_halving", "patient"])
def test_what_is_pruned_does_not_depend_on_restarts_and_kills(tmp_path: Path, pruner: Pruner) -> None:
    wide = sweep(DEPTH, RATE, trials=16, pruner=pruner, sampler="random", fidelity=Fidelity(9, 100, 10))
    with Ledger.own(tmp_path / "whole", wide) as ledger:
        whole = {claim.config.key: raced(ledger, claim) for claim in iter(ledger.next, None)}
    pieces: dict[str, int] = {}
    for number in itertools.count():
        with suppress(KilledError), Ledger.own(tmp_path / "pieces", wide) as ledger:
            if number % 2 and (claim := ledger.next()):  # Lost after its first epochs, which count for nothing.
                for epoch in (1, 2, 3):
                    ledger.epoch(claim.number, epoch, {"val_acc": 0.9})
                raise KilledError
            for claim in itertools.islice(iter(ledger.next, None), 3):
                pieces[claim.config.key] = raced(ledger, claim)
            if +ledger.counts() == +Ledger.read(tmp_path / "whole", "played").counts():
                break
            raise KilledError
    assert pieces == whole
    assert len(set(whole.values())) > 1


def raced(ledger: Ledger, claim: Trial) -> int:
    """Run a trial until it is pruned; how many epochs that took."""
    height, noise = int(claim.config.key[:8], 16) / 2**32, int(claim.config.key[8:16], 16) / 2**32
    seen: list[dict[str, float]] = []
    for epoch in range(1, claim.config.fidelity.epochs + 1):
        seen.append({"val_acc": height + noise / epoch})
        if not ledger.epoch(claim.number, epoch, seen[-1]):
            break
    state: Any = "complete" if len(seen) == claim.config.fidelity.epochs else "pruned"
    ledger.record(claim.number, TrialResult(state, tuple(seen)))
    return len(seen)


def by_seed(config: TrialConfig) -> TrialResult:
    """The deeper the worse, on every seed; the baseline in the middle."""
    height = 1 - int(config.settings["depth"]) / 10 + (config.seed * 7 % 5) / 1_000
    return replace(succeed(config), curve=tuple({"val_acc": height} for _ in range(3)))


@pytest.mark.parametrize("during", [0, 3])
def test_wilcoxon_spares_seeds_of_what_is_worse_and_says_so(tmp_path: Path, during: int) -> None:
    wide = sweep(Factor("depth", tuple(range(1, 7))), trials=6, pruner="wilcoxon", confirm=Confirm(3, 7))
    if during:
        killed(tmp_path, wide, after=10, during=during, outcome=by_seed)
    run(tmp_path, wide, by_seed)
    ledger = Ledger.read(tmp_path, "played")
    spared = {(cell.point, cell.config.seed): cell for cell in ledger.cells() if cell.state == "pruned"}
    assert list(spared) == [(point, seed) for seed in (5, 6, 7) for point in ("depth=2", "depth=4")]
    reasons = {cell.result.reason for cell in spared.values() if cell.result}
    assert reasons == {"worse than depth=1 on 4 seeds (Wilcoxon, p < 0.1)"}
    assert +ledger.counts() == {"complete": design.count(wide) - 6, "pruned": 6}
    assert run(tmp_path, wide, by_seed) == []


def test_wilcoxon_s_cells_are_claimed_seed_by_seed(tmp_path: Path) -> None:
    wide = sweep(Factor("depth", tuple(range(1, 7))), trials=6, pruner="wilcoxon", confirm=Confirm(3, 5))
    with Ledger.own(tmp_path, wide) as ledger:
        work(ledger, by_seed, most=6)
        claims = [claim for _ in range(4) if (claim := ledger.next())]
        assert [claim.config.seed for claim in claims] == [1] * 4
        assert ledger.next() is None
        for claim in claims:
            ledger.record(claim.number, by_seed(claim.config))
        claim = ledger.next()
        assert claim and claim.config.seed == 2


def sized(config: TrialConfig) -> TrialResult:
    """The wider the larger, and up to a point the better."""
    width = int(config.settings["width"])
    metrics = {"val_acc": min(width, 24) / 100}
    return replace(succeed(config), curve=(metrics,) * 3, parameters=1_000 * width, flops=10 * width)


def test_a_model_beyond_a_constraint_is_refused_and_never_again(tmp_path: Path) -> None:
    bounded = space(Factor("width", (8, 16, 32)), constraints=(Constraint("parameters", "<=", 20_000),))
    claims = run(tmp_path, bounded, sized)
    assert len(claims) == 6
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
        claim = ledger.next()
        assert claim
        assert ledger.built(claim.number, {"parameters": 19, "flops": 5})
        assert not ledger.built(claim.number, {"parameters": 20, "flops": 5})
        assert not ledger.built(claim.number, {"parameters": 19})
        judged = ledger.record(claim.number, TrialResult("refused", parameters=20))
        assert judged.reason == "parameters = 20, not parameters < 20; flops = unknown, not flops >= 5"


def test_a_sampler_is_told_of_what_was_refused(tmp_path: Path) -> None:
    width = Factor("width", Range(1, 60))
    beyond = {}
    for name, constraints in {"free": (), "bound": (Constraint("parameters", "<=", 20_000),)}.items():
        wide = sweep(width, RATE, trials=40, name=name, constraints=constraints, confirm=Confirm(1, 1))
        widths = [int(claim.config.settings["width"]) for claim in run(tmp_path, wide, sized)[10:40]]
        beyond[name] = sum(width > 20 for width in widths)
    assert beyond["bound"] < 0.7 * beyond["free"]


def test_two_objectives_are_told_and_their_front_is_confirmed(tmp_path: Path) -> None:
    wide = sweep(Factor("width", Range(8, 40)), trials=20, objectives=BOTH, sampler="nsga2", confirm=Confirm(3, 2))
    search, confirm = split(run(tmp_path, wide, sized))
    widths = sorted({int(claim.config.settings["width"]) for claim in search})
    # All beyond the first that reaches the best cost more for nothing.
    best = [width for width in widths if width <= min(w for w in widths if w >= 24)][-3:]
    assert {int(claim.config.settings["width"]) for claim in confirm} == {16, *best}
    assert stored(tmp_path).trials[0].values == [0.16, 160.0]
    assert [d.name for d in stored(tmp_path).directions] == ["MAXIMIZE", "MINIMIZE"]


def test_a_factor_that_does_not_exist_at_a_point_stays_at_the_baseline(tmp_path: Path) -> None:
    width = Factor("width", (8, 16, 32), when={"pooling": ("mean", "flat")})
    wide = sweep(POOLING, width, trials=50, confirm=Confirm(1, 1))
    search, _ = split(run(tmp_path, wide))
    assert len(search) == len(set(keys(search))) == 1 + 2 * 3 == design.count_points(wide)
    assert not [claim for claim in search if "pooling" not in claim.point and "width" in claim.point]
    params = [set(trial.params) for trial in stored(tmp_path).trials]
    assert {"pooling"} in params
    assert {"pooling", "width"} in params
    # What is no point of today's file is not told to the sampler, and stays what it is.
    other = replace(wide, factors=(POOLING, replace(width, when={"pooling": ("max",)})))
    assert len(split(run(tmp_path, other))[0]) == 2


SWEEP_EDITS = {
    "design.sampler: tpe -> random": sweep(DEPTH, sampler="random"),
    "design.pruner: none -> median": sweep(DEPTH, pruner="median"),
    "second objective.metric: not given -> flops": sweep(DEPTH, objectives=BOTH),
}


@pytest.mark.parametrize("change", SWEEP_EDITS)
def test_how_a_sweep_chooses_must_not_be_edited(tmp_path: Path, change: str) -> None:
    run(tmp_path, sweep(DEPTH), most=2)
    with pytest.raises(StoreError, match=change), Ledger.own(tmp_path, SWEEP_EDITS[change]):
        pass
