"""A study with looks runs what its looks ask for, each cell once, and takes the same way after every kill."""

import hashlib
import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from study.inference.look_table import table_looks
from study.ledger.ledger import Ledger
from study.ledger.look_cells import Outcome, look_cells
from study.ledger.tables import table
from study.records.import_records import import_records
from study.records.record_ledger import RecordLedger
from study.running.loop import NoTracker
from study.running.loop import run as run_loop
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import KilledError, keys, killed, run, work
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Inline, diverge, fail, space, succeed

LOOKS = (5, 8, 12)
LOOKING = space(DEPTH, POOLING, looks=LOOKS, seeds=tuple(range(12)), max_retries=0)
EFFECTS = {"depth": {1: -0.5, 3: 0.0, 5: 0.04}, "pooling": {"max": 0.0, "mean": 0.03, "flat": 0.3}}


def noisy(config: TrialConfig) -> TrialResult:
    """A result with normal noise that depends on the cell alone. The effects are far from and near to none."""
    noise = np.random.default_rng(int(hashlib.sha256(config.key.encode()).hexdigest()[:8], 16)).normal()
    effect = sum(EFFECTS[name][config.settings[name]] for name in EFFECTS)  # type: ignore[index]
    value = 0.5 + effect + 0.02 * noise
    return replace(succeed(config), curve=({"loss": 1.0, "val_acc": value},))


def seeds(trials: list[str]) -> Counter[str]:
    return Counter(name.rsplit(" ", 1)[0] for name in trials)


def ran(store: Path) -> Counter[str]:
    """How many seeds of each point are complete."""
    return Counter(cell.point for cell in Ledger.read(store, "played").cells() if cell.state == "complete")


def test_a_study_goes_from_look_to_look_by_itself(tmp_path: Path) -> None:
    trials = run(tmp_path, LOOKING, noisy)
    counts = Counter(trial.point for trial in trials)
    assert max(Counter(keys(trials)).values()) == 1
    assert (counts["depth=1"], counts["pooling=flat"]) == (5, 5)
    assert counts["baseline"] == 12
    assert (counts["depth=5"], counts["pooling=mean"]) == (8, 12)
    assert run(tmp_path, LOOKING, noisy) == []


def test_the_first_look_runs_whole_before_any_cell_of_the_next(tmp_path: Path) -> None:
    trials = run(tmp_path, LOOKING, noisy)
    first = 12 + 4 * 5
    assert {trial.config.seed for trial in trials[:first] if trial.point != "baseline"} == set(range(5))
    assert all(trial.config.seed >= 5 for trial in trials[first:])


@pytest.mark.parametrize("seed", range(3))
def test_after_kills_at_any_moment_the_study_has_taken_the_same_way(tmp_path: Path, seed: int) -> None:
    undisturbed = Counter(keys(run(tmp_path / "whole", LOOKING, noisy)))
    draw, store, done = random.Random(seed), tmp_path / "killed", Counter[str]()
    while left := sum((undisturbed - done).values()):
        if left > 1:
            after = draw.randint(1, min(9, left - 1))
            done.update(keys(killed(store, LOOKING, after=after, outcome=noisy)))
        else:
            done.update(keys(run(store, LOOKING, noisy)))
    assert done == undisturbed
    assert run(store, LOOKING, noisy) == []
    for folder in (store, tmp_path / "whole"):
        found = table_looks(table(Ledger.read(folder, "played")))
        assert found is not None
        assert found.lines == Ledger.read(folder, "played").look_lines()
        assert found.course.is_over(found.plan)


def test_a_result_that_optuna_was_not_told_of_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = 12 + 4 * 5

    def die(*_: object) -> None:
        raise KilledError

    with pytest.raises(KilledError), Ledger.own(tmp_path, LOOKING) as ledger:
        work(ledger, noisy, most=first - 1)
        monkeypatch.setattr("study.ledger.ledger.finish_trial", die)
        work(ledger, noisy, most=1)
    monkeypatch.undo()
    lines = Ledger.read(tmp_path, "played").look_lines()
    assert lines[1].startswith("look 1 of 3: ")
    whole = Counter(keys(run(tmp_path / "whole", LOOKING, noisy)))
    assert len(run(tmp_path, LOOKING, noisy)) == sum(whole.values()) - first


def test_seeds_that_begin_elsewhere_count_from_there(tmp_path: Path) -> None:
    later = replace(LOOKING, seeds=tuple(range(4, 16)))
    trials = run(tmp_path, later, noisy)
    assert {trial.config.seed for trial in trials if trial.point == "depth=1"} == set(range(4, 9))
    found = table_looks(table(Ledger.read(tmp_path, "played")))
    assert found is not None
    assert found.lines == Ledger.read(tmp_path, "played").look_lines()
    assert found.course.is_over(found.plan)
    assert run(tmp_path, later, noisy) == []


def test_two_workers_run_the_same_cells_as_one(tmp_path: Path) -> None:
    class Silent:
        def started(self, trial: object) -> None: ...
        def received(self, trial: object, message: object) -> None: ...

    run(tmp_path / "one", LOOKING, noisy)
    with Ledger.own(tmp_path / "two", LOOKING) as ledger:
        run_loop(ledger, Inline(noisy, workers=2), NoTracker(), Silent())
    assert ran(tmp_path / "one") == ran(tmp_path / "two")


def test_a_file_of_records_takes_the_same_way_and_can_be_imported(tmp_path: Path) -> None:
    class Silent:
        def started(self, trial: object) -> None: ...
        def received(self, trial: object, message: object) -> None: ...

    path = tmp_path / "results.jsonl"
    for workers in (1, 2):
        with RecordLedger.own(path, LOOKING) as records:
            run_loop(records, engine := Inline(noisy, workers=workers), NoTracker(), Silent())
            lines, counts = records.look_lines(), records.counts()
        assert (len(engine.submitted) > 0) == (workers == 1)
    run(tmp_path / "whole", LOOKING, noisy)
    assert Ledger.read(tmp_path / "whole", "played").look_lines() == lines
    assert counts == Counter({"complete": sum(ran(tmp_path / "whole").values())})
    assert import_records(path, tmp_path / "store").beyond == 0
    assert run(tmp_path / "store", LOOKING, noisy) == []


def test_a_study_with_seeds_goes_on_with_looks_and_keeps_its_cells(tmp_path: Path) -> None:
    before = run(tmp_path, replace(LOOKING, looks=(), seeds=tuple(range(7))), noisy)
    after = run(tmp_path, LOOKING, noisy)
    assert not {*keys(before)} & {*keys(after)}
    ledger = Ledger.read(tmp_path, "played")
    assert len(ledger.cells()) == len(before) + len(after)
    assert ledger.revisions == ["after 35 results: seeds 0 1 2 3 4 5 6 → looks at 5, 8 and 12"]


def test_cells_that_fail_or_diverge_do_not_stop_the_looks(tmp_path: Path) -> None:
    def outcome(config: TrialConfig) -> TrialResult:
        if config.settings["pooling"] == "flat":
            return diverge(config)
        return fail(config) if config.settings["depth"] == 5 and config.seed == 1 else noisy(config)

    trials = run(tmp_path, LOOKING, outcome)
    counts = Counter(trial.point for trial in trials)
    assert counts["pooling=flat"] == 5
    lines = Ledger.read(tmp_path, "played").look_lines()
    assert "given up, because a verdict is improbable: " in lines[1]
    assert "pooling=flat" in lines[1]


def test_a_failed_cell_that_is_run_again_opens_its_look_again(tmp_path: Path) -> None:
    def outcome(config: TrialConfig) -> TrialResult:
        return fail(config) if config.seed == 2 and config.settings["depth"] == 1 else noisy(config)

    run(tmp_path, LOOKING, outcome)
    with Ledger.own(tmp_path, LOOKING) as ledger:
        assert ledger.forget_failures() == 1
        again = work(ledger, noisy)
    assert again[0].config.seed == 2
    assert run(tmp_path, LOOKING, noisy) == []


def test_cells_are_the_looks_and_what_has_run_beside_them() -> None:
    none = look_cells(LOOKING, lambda config: None)
    assert Counter(config.seed for config in none.configs) == Counter(
        {**dict.fromkeys(range(5), 5), **dict.fromkeys(range(5, 12), 1)}
    )
    assert none.lines[-1].startswith("look 1 of 3, at 5 seeds, is not complete: depth=1, depth=5, ")
    extra = look_cells(LOOKING, lambda config: Outcome("complete", 0.5) if config.seed == 11 else None)
    assert len(extra.configs) == len(none.configs) + 4


def test_the_table_says_the_looks_and_a_study_without_any_has_no_such_column(tmp_path: Path) -> None:
    run(tmp_path / "a", LOOKING, noisy)
    run(tmp_path / "b", replace(LOOKING, looks=()), noisy, most=3)
    assert set(table(Ledger.read(tmp_path / "a", "played"))["looks"]) == {"5 8 12"}
    assert "looks" not in table(Ledger.read(tmp_path / "b", "played"))
    assert json.dumps(Ledger.read(tmp_path / "b", "played").space.to_json()).count("looks") == 0
