"""Results of another machine are imported into a store, each once. Records that contradict themselves are refused."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.records import record_file
from study.records.import_records import Imported, import_records
from study.records.record_file import Header, Record
from study.space.design import Confirm, Design
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult
from study.task import Fidelity
from tests.ledger.launches import KilledError, run, states, stored, work
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Outcome, curve, diverge, fail, space, succeed

WIDE = space(DEPTH, POOLING)


@pytest.fixture(autouse=True)
def _lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the forced writes to the disk, which only guard against power cuts."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def export(store: Path, path: Path, name: str = "played") -> Path:
    """Write a study's records as `study export` does."""
    ledger = Ledger.read(store, name)
    record_file.write(
        path,
        Header(ledger.space, ledger.threads, tuple(ledger.revisions)),
        (Record.of(*done) for done in ledger.finished()),
    )
    return path


def file(
    path: Path, space: SearchSpace = WIDE, outcome: Outcome = succeed, *, most: int | None = None, threads: int = 1
) -> Path:
    """Return the records of the first cells of a study, run on another machine."""
    configs = list(listed_cells(space))[:most]
    record_file.write(path, Header(space, threads), [Record(config, outcome(config)) for config in configs])
    return path


def counted(done: Imported) -> tuple[int, int, int]:
    return done.imported, done.already_there, len(done.refused)


def attempts(store: Path) -> dict[str, list[str]]:
    """Return how each attempt at a cell ended."""
    endings: dict[str, list[str]] = {}
    for trial, result in Ledger.read(store, "played").finished():
        endings.setdefault(trial.config.key, []).append(result.state)
    return endings


def test_what_ran_elsewhere_is_there_as_if_it_had_run_here(tmp_path: Path, store: Path) -> None:
    assert counted(import_records(file(tmp_path / "a.jsonl", threads=3), store, trust=True)) == (10, 0, 0)
    ledger = Ledger.read(store, "played")
    assert (ledger.space, ledger.threads) == (WIDE, 3)
    for cell in ledger.cells():
        assert (cell.state, cell.result) == ("complete", replace(succeed(cell.config), curve=()))
        assert tuple(ledger.curve(cell.config.key)) == curve(cell.config)
    for trial, config in zip(stored(store).trials, listed_cells(WIDE), strict=True):
        assert (trial.value, trial.params["depth"]) == (curve(config)[-1]["val_acc"], config.settings["depth"])
    assert run(store, WIDE) == []


def test_what_was_revised_there_is_known_here(tmp_path: Path, store: Path) -> None:
    run(store, WIDE)
    run(store, replace(WIDE, margin=0.1))
    import_records(export(store, tmp_path / "a.jsonl"), tmp_path / "other")
    import_records(tmp_path / "a.jsonl", tmp_path / "other")
    said = ["after 10 results: margin none → 0.1"]
    assert Ledger.read(tmp_path / "other", "played").revisions == Ledger.read(store, "played").revisions == said


def test_a_second_import_adds_nothing(tmp_path: Path, store: Path) -> None:
    path = file(tmp_path / "a.jsonl")
    import_records(path, store)
    before = (store / "studies" / "played" / "trials.journal").read_bytes()
    assert counted(import_records(path, store)) == (0, 10, 0)
    assert (store / "studies" / "played" / "trials.journal").read_bytes() == before


def test_what_is_missing_is_run_afterwards_and_what_is_there_is_not_taken(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, most=2)
    assert counted(import_records(file(tmp_path / "a.jsonl", most=6), store)) == (4, 2, 0)
    assert len(run(store, WIDE)) == 4
    assert states(store) == {"complete": 10}


def test_export_import_export_is_the_same_bytes(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, lambda config: (fail if config.settings["depth"] == 5 else succeed)(config))
    first = export(store, tmp_path / "a.jsonl")
    assert first.read_bytes() == export(store, tmp_path / "b.jsonl").read_bytes()
    assert counted(import_records(first, tmp_path / "other")) == (8 + 2 * 3, 0, 0)
    assert export(tmp_path / "other", tmp_path / "c.jsonl").read_bytes() == first.read_bytes()
    assert states(tmp_path / "other") == {"complete": 8, "failed": 2}


def test_failures_count_and_are_taken_once_each(tmp_path: Path, store: Path) -> None:
    config = WIDE.config({}, seed=0)
    records = [Record(config, fail(config)), Record(config, fail(config)), Record(config, succeed(config))]
    for most in (1, 2, 3, 3):
        record_file.write(tmp_path / "a.jsonl", Header(WIDE, 1), records[:most])
        import_records(tmp_path / "a.jsonl", store)
    assert attempts(store) == {config.key: ["failed", "failed", "complete"]}


def test_a_cell_that_failed_here_is_completed_from_elsewhere(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, fail)
    assert states(store) == {"failed": 10}
    assert counted(import_records(file(tmp_path / "a.jsonl", most=4), store)) == (4, 0, 0)
    assert states(store) == {"failed": 6, "complete": 4}


def test_divergence_and_what_lacks_the_objective_is_judged_as_here(tmp_path: Path, store: Path) -> None:
    import_records(file(tmp_path / "a.jsonl", outcome=diverge, most=5), store)
    without = file(tmp_path / "b.jsonl", outcome=lambda config: TrialResult("complete", ({"loss": 1.0},), seconds=2.0))
    assert counted(import_records(without, store)) == (5, 5, 0)
    assert counted(import_records(without, store)) == (0, 10, 0)
    assert list(attempts(store).values()) == [["diverged"]] * 5 + [["failed"]] * 5


def test_a_line_that_is_not_what_it_says_is_refused_with_its_number(tmp_path: Path, store: Path) -> None:
    path = file(tmp_path / "a.jsonl")
    lines = path.read_text().splitlines(keepends=True)
    lines[3] = lines[3].replace('"seed":0', '"seed":1')
    lines[5] = "nothing\n"
    path.write_text("".join(lines)[:-5])
    done = import_records(path, store)
    assert counted(done) == (7, 0, 3)
    assert [number for number, _ in done.refused] == [4, 6, 11]
    assert [why.split(" ")[0:2] for _, why in done.refused] == [["has", "the"], ["is", "no"], ["was", "cut"]]
    assert states(store) == {"complete": 7, "missing": 3}


def on(fingerprint: str, name: str = "toy-0123") -> Outcome:
    """Return the result of a trial that was trained on these data."""
    return lambda config: replace(succeed(config), data={"name": name, "fingerprint": fingerprint * 64})


def test_a_mixture_of_data_is_refused_with_the_store_s_and_within_a_file(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, on("a"), most=1)
    done = import_records(file(tmp_path / "a.jsonl", outcome=on("b")), store)
    assert counted(done) == (0, 1, 9)
    assert done.refused[0] == (
        3,
        "its data are not the study's: toy-0123 has the fingerprint bbbbbbbbbbbb…, but aaaaaaaaaaaa… here",
    )
    assert counted(import_records(file(tmp_path / "b.jsonl", outcome=on("b", "toy-4567"), most=4), store)) == (3, 1, 0)
    mixed = iter("cd" * 5)
    done = import_records(file(tmp_path / "c.jsonl", outcome=lambda c: on(next(mixed))(c)), tmp_path / "new")
    assert counted(done) == (5, 0, 5)


def test_a_failure_that_saw_no_data_is_no_mixture(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, on("a"), most=1)
    assert counted(import_records(file(tmp_path / "a.jsonl", outcome=fail, most=3), store)) == (2, 1, 0)


# The definition


def test_other_results_than_the_study_s_are_refused_as_a_changed_file_is(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, most=1)
    longer = replace(WIDE, fidelity=Fidelity(4, 100, 10))
    with pytest.raises(StoreError, match=r"fidelity\.epochs: 3 -> 4"):
        import_records(file(tmp_path / "a.jsonl", longer), store)
    assert states(store) == {"complete": 1, "missing": 9}


def test_a_study_that_grew_on_either_side_takes_the_other_s_cells(tmp_path: Path, store: Path) -> None:
    small = replace(space(DEPTH), reference="elsewhere.py:task")
    run(store, WIDE, most=1)
    assert counted(import_records(file(tmp_path / "a.jsonl", small), store)) == (5, 1, 0)
    assert Ledger.read(store, "played").space == WIDE
    larger = replace(space(DEPTH, POOLING, seeds=(0, 1, 2)), reference="elsewhere.py:task")
    assert counted(import_records(file(tmp_path / "b.jsonl", larger), store)) == (9, 6, 0)
    now = Ledger.read(store, "played").space
    assert (now.seeds, now.reference) == ((0, 1, 2), WIDE.reference)
    assert states(store) == {"complete": 15}


def test_cells_that_only_the_other_file_has_wait_for_one_that_names_them(tmp_path: Path, store: Path) -> None:
    run(store, space(DEPTH))
    done = import_records(file(tmp_path / "a.jsonl", space(POOLING)), store)
    assert (counted(done), done.beyond) == ((4, 2, 0), 4)
    assert states(store) == {"complete": 6}
    assert run(store, WIDE) == []
    assert states(store) == {"complete": 10}


def test_a_study_keeps_its_threads(tmp_path: Path, store: Path) -> None:
    run(store, WIDE, most=1)
    assert counted(import_records(file(tmp_path / "a.jsonl", threads=8), store)) == (9, 1, 0)
    assert Ledger.read(store, "played").threads == 1


def test_a_sweep_goes_on_as_it_would_have_where_it_was(tmp_path: Path, store: Path) -> None:
    how = Design("sweep", trials=12, pruner="median", confirm=Confirm(1, 1))
    wide = space(DEPTH, POOLING, design=how, seeds=(0,))
    run(tmp_path / "whole", wide)
    whole = [trial.config.key for trial, _ in Ledger.read(tmp_path / "whole", "played").finished()]
    run(store, wide, most=7)
    path = export(store, tmp_path / "a.jsonl")
    assert counted(import_records(path, tmp_path / "other")) == (7, 0, 0)
    assert export(tmp_path / "other", tmp_path / "b.jsonl").read_bytes() == path.read_bytes()
    with Ledger.own(tmp_path / "other", wide) as ledger:
        assert [trial.config.key for trial in work(ledger)] == whole[7:]


# Kills


@pytest.mark.parametrize("moment", ["_start", "record", "_end"])
@pytest.mark.parametrize("number", [1, 4])
def test_an_import_that_is_killed_is_completed_by_the_next(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, moment: str, number: int
) -> None:
    path = file(tmp_path / "a.jsonl")
    left = iter(range(number, -1, -1))
    kept = getattr(Ledger, moment)

    def killed(*arguments: Any, **options: Any) -> Any:
        if not next(left):
            raise KilledError
        return kept(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, moment, killed)
        patch.setattr(Ledger, "release", lambda *_: None)  # After a kill no trial is released.
        with pytest.raises(KilledError):
            import_records(path, store)
    journal = store / "studies" / "played" / "trials.journal"
    journal.write_bytes(journal.read_bytes() + b'{"torn')
    done = import_records(path, store)
    assert done.imported + done.already_there == 10
    assert done.already_there == number + (moment == "_end")
    assert states(store) == {"complete": 10}
    assert list(attempts(store).values()) == [["complete"]] * 10
    ledger = Ledger.read(store, "played")
    assert all(tuple(ledger.curve(cell.config.key)) == curve(cell.config) for cell in ledger.cells())
