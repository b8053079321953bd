"""What fails alike in the first cells ends the run and costs no try. What is one point's own counts as always."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from study.engines.engine import Built, Epoch, Finished, Message
from study.errors import StudyError
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.records.record_ledger import RecordLedger
from study.running.first_failures import HeldFailure, Stage
from study.running.loop import NoTracker, run
from study.space.design import Confirm, Design
from study.space.factor import Factor
from study.space.objective import Objective
from study.space.points import count_cells
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from tests.running.test_loop import Notes
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import Inline, curve, space, succeed

Outcome = Callable[[TrialConfig], TrialResult]


class Reporting(Inline):
    """An engine whose trials name their metrics when their model is built, before the outcome's epochs."""

    def __init__(self, outcome: Outcome, *, metrics: tuple[str, ...] = ("loss", "val_acc"), workers: int = 1) -> None:
        super().__init__(outcome, workers=workers)
        self.metrics = metrics

    def messages(self) -> Iterator[Message]:
        trial = next(iter(self._waiting))
        yield Built(trial, {"parameters": 10}, self.metrics)
        if self._answers.pop(trial):
            yield from super().messages()
        else:
            del self._waiting[trial]
            yield Finished(trial, TrialResult("refused", parameters=10))


def broken(reason: str) -> Outcome:
    return lambda config: TrialResult("failed", failure="exception", reason=reason)


def broken_at(level: str, reason: str = "ValueError: no weights (task.py, line 7)") -> Outcome:
    """An outcome that fails where one setting has this level, given as `pooling=flat`."""
    name, _, value = level.partition("=")
    return lambda config: broken(reason)(config) if str(config.settings[name]) == value else succeed(config)


def play(store: Path, study: SearchSpace, engine: Inline) -> Notes:
    notes = Notes()
    with Ledger.own(store, study) as ledger:
        run(ledger, engine, notes, notes)
    return notes


def stopped(store: Path, study: SearchSpace, engine: Inline) -> str:
    """Run a study that must end early, without any cell having lost a try. Returns the message."""
    notes = Notes()
    with pytest.raises(StudyError) as end, Ledger.own(store, study) as ledger:
        run(ledger, engine, notes, notes)
    assert "\n" not in str(end.value)
    assert not notes.logged
    assert not [message for _, message in notes.messages if isinstance(message, Finished)]
    ledger = Ledger.read(store, "played")
    assert +ledger.counts() == {"missing": count_cells(study)}
    assert not list(ledger.finished())
    assert not any(cell.failures for cell in ledger.cells())
    return str(end.value)


@pytest.mark.parametrize(
    "reason",
    [
        "ModuleNotFoundError: No module named 'helper' (task.py, line 3)",
        "TaskError: task.py, line 12: build() of task 'toy' returned None; it must return a compiled Keras model",
        "the worker died (exit status 1)",
        "the worker died (killed by SIGSEGV)",
    ],
)
def test_what_fails_alike_in_two_points_ends_the_run(tmp_path: Path, reason: str) -> None:
    study = space(DEPTH, POOLING, max_retries=2)
    failure = "exception" if reason[0].isupper() else "worker"
    engine = Inline(lambda config: TrialResult("failed", failure=failure, reason=reason))  # type: ignore[arg-type]
    message = stopped(tmp_path, study, engine)
    assert message.startswith(
        f"study 'played': no cell can succeed, because the first ones fail alike before their first epoch: {reason} ("
    )
    assert message.endswith("; no cell has lost a try: mend this, and the same command runs them all")
    assert len(engine.submitted) == 2
    assert len(play(tmp_path, study, Inline()).logged) == count_cells(study)


def test_alike_is_the_same_line_or_the_same_reason_but_for_numbers(tmp_path: Path) -> None:
    def failure(reason: str) -> HeldFailure:
        config = space().config({}, seed=0)
        return HeldFailure(Trial(0, config, ""), TrialResult("failed", reason=reason), Stage.STARTED)

    alike = [
        ("ValueError: 4 units (task.py, line 7)", "ValueError: 8 units are few (task.py, line 7)"),
        ("ValueError: /tmp/a1b2 is gone (task.py, line 7)", "ValueError: /tmp/zzzz is gone (task.py, line 7)"),
        ("OSError: file of 12.5e3 bytes at 0x7f3a", "OSError: file of 1 bytes at 0x11"),
        ("TaskError: task.py, line 12: build() returned None", "TaskError: task.py, line 12: build() returned 5"),
    ]
    different = [
        ("ValueError: 4 units (task.py, line 7)", "TypeError: 8 units are few (task.py, line 7)"),
        ("ValueError: few (task.py, line 7)", "ValueError: many (task.py, line 8)"),
        ("ValueError: few", "ValueError: many"),
    ]
    assert all(failure(one).is_like(failure(other)) for one, other in alike)
    assert not any(failure(one).is_like(failure(other)) for one, other in different)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_a_level_that_fails_is_its_own_cells_failure(tmp_path: Path, workers: int) -> None:
    study = space(DEPTH, POOLING, max_retries=2)
    notes = play(tmp_path, study, Inline(broken_at("pooling=flat"), workers=workers))
    ledger = Ledger.read(tmp_path, "played")
    assert {cell.point for cell in ledger.cells() if cell.state == "failed"} == {"pooling=flat"}
    assert +ledger.counts() == {"complete": 8, "failed": 2}
    assert Counter(result.state for _, result in notes.logged) == {"complete": 8, "failed": 6}
    shown = [message for _, message in notes.messages if isinstance(message, Finished)]
    assert len(shown) == len(notes.logged)


@pytest.mark.parametrize("workers", [1, 3])
def test_points_that_share_a_change_wait_for_one_without_it(tmp_path: Path, workers: int) -> None:
    grid = space(POOLING, NORM, kind="grid", max_retries=0)
    for value in ("True", "False"):
        store = tmp_path / value
        play(store, grid, Inline(broken_at(f"norm={value}"), workers=workers))
        counts = +Ledger.read(store, "played").counts()
        assert counts == {"complete": count_cells(grid) // 2, "failed": count_cells(grid) // 2}


def test_cells_that_fail_in_different_ways_are_tried_on(tmp_path: Path) -> None:
    names = {1: "A", 3: "B", 5: "C"}
    engine = Inline(lambda config: broken(f"{names[int(config.settings['depth'])]}Error: no")(config))
    notes = play(tmp_path, space(DEPTH, max_retries=1), engine)
    assert len(notes.logged) == 12
    assert +Ledger.read(tmp_path, "played").counts() == {"failed": 6}


def test_the_seeds_of_one_point_do_not_show_that_all_points_fail(tmp_path: Path) -> None:
    pair = space(Factor("depth", (3, 5)), seeds=tuple(range(6)), max_retries=0)
    play(tmp_path, pair, Inline(broken_at("depth=5")))
    assert +Ledger.read(tmp_path, "played").counts() == {"complete": 6, "failed": 6}


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ("memory", "MemoryError: Unable to allocate 5 TiB"),
        ("timeout", "took longer than trial_timeout = 5 seconds"),
        ("worker", "the worker died (killed by SIGKILL)"),
        ("worker", "the worker's node died or is out of reach"),
    ],
)
def test_what_the_machine_did_counts_as_always(tmp_path: Path, failure: Any, reason: str) -> None:
    study = space(DEPTH, max_retries=1)
    notes = play(tmp_path, study, Inline(lambda config: TrialResult("failed", failure=failure, reason=reason)))
    assert len(notes.logged) == 2 * count_cells(study)


def test_a_failure_after_an_epoch_counts_as_always(tmp_path: Path) -> None:
    study = space(DEPTH, max_retries=1)
    late = Inline(lambda config: replace(broken("ValueError: no")(config), curve=curve(config)[:1]))
    assert len(play(tmp_path, study, late).logged) == 2 * count_cells(study)


class Breaking(Inline):
    """An engine whose environment breaks after so many results: then every cell fails, the known ones too."""

    def __init__(self, results: int, *, failure: str = "exception", workers: int = 1) -> None:
        super().__init__(self._result, workers=workers)
        self.left = results
        self.failure: Any = failure

    def _result(self, config: TrialConfig) -> TrialResult:
        self.left -= 1
        if self.left >= 0:
            return succeed(config)
        return TrialResult("failed", failure=self.failure, reason="RuntimeError: no device (task.py, line 3)")


def broken_off(store: Path, study: SearchSpace, engine: Inline, *, complete: int) -> str:
    """Run a study whose environment breaks. Returns the message, after checks that no cell lost a try."""
    with pytest.raises(StudyError) as end:
        play(store, study, engine)
    ledger = Ledger.read(store, "played")
    assert +ledger.counts() == {"complete": complete, "missing": count_cells(study) - complete}
    assert not any(cell.failures for cell in ledger.cells())
    assert "\n" not in str(end.value)
    return str(end.value)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("failure", ["exception", "memory"])
@pytest.mark.parametrize("results", [1, 4, 9])
def test_an_environment_that_breaks_ends_the_run(tmp_path: Path, results: int, failure: str, workers: int) -> None:
    study = space(DEPTH, POOLING, max_retries=0)
    engine = Breaking(results, failure=failure, workers=workers)
    message = broken_off(tmp_path, study, engine, complete=results)
    assert message.startswith(
        "study 'played': no cell can succeed any more, because one that has trained before fails now, too, in a new "
        "process: RuntimeError: no device (task.py, line 3) ("
    )
    assert message.endswith("; no cell has lost a try: mend this, and the same command runs them")
    play(tmp_path, study, Inline())
    assert +Ledger.read(tmp_path, "played").counts() == {"complete": count_cells(study)}


def test_an_environment_that_broke_between_two_runs_ends_the_second(tmp_path: Path) -> None:
    play(tmp_path, space(DEPTH, seeds=(0,), max_retries=0), Inline())
    wider = space(DEPTH, seeds=(0, 1), max_retries=0)
    broken_off(tmp_path, wider, Breaking(0), complete=3)
    path = tmp_path / "played.jsonl"
    with RecordLedger.own(path, space(DEPTH, seeds=(0,))) as ledger:
        run(ledger, Inline(), NoTracker(), Notes())
    with pytest.raises(StudyError, match="any more"), RecordLedger.own(path, wider) as ledger:
        run(ledger, Breaking(0), NoTracker(), Notes())
    assert len(path.read_text().splitlines()) == 1 + 3


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("seeds", [(0,), (0, 1)])
def test_levels_that_are_wrong_in_the_same_way_are_their_own_cells_failures(
    tmp_path: Path, seeds: tuple[int, ...], workers: int
) -> None:
    def outcome(config: TrialConfig) -> TrialResult:
        wrong = config.settings["depth"] == 1 or config.settings["pooling"] in ("mean", "flat")
        return broken("ValueError: no (task.py, line 7)")(config) if wrong else succeed(config)

    study = space(DEPTH, POOLING, seeds=seeds, max_retries=1)
    notes = play(tmp_path, study, engine := Inline(outcome, workers=workers))
    assert +Ledger.read(tmp_path, "played").counts() == {"complete": 2 * len(seeds), "failed": 3 * len(seeds)}
    assert Counter(result.state for _, result in notes.logged) == {"complete": 2 * len(seeds), "failed": 6 * len(seeds)}
    assert len(engine.submitted) == len(notes.logged) + 1, "a cell that works is asked once"


def test_a_point_that_alone_is_left_fails_on_its_own(tmp_path: Path) -> None:
    study = space(DEPTH, seeds=(0,), max_retries=2)
    notes = play(tmp_path, study, Inline(broken_at("depth=5")))
    assert [trial.point for trial, result in notes.logged if result.state == "failed"] == ["depth=5"] * 3


def test_a_stop_while_failures_are_held_back_costs_no_try(tmp_path: Path) -> None:
    notes = Notes()
    with Ledger.own(tmp_path, space(DEPTH)) as ledger:
        run(ledger, Inline(broken("ValueError: no")), notes, notes, stopping=lambda: bool(notes.begun))
    assert not notes.logged
    assert +Ledger.read(tmp_path, "played").counts() == {"missing": count_cells(space(DEPTH))}


def test_a_file_of_records_holds_no_failure_either(tmp_path: Path) -> None:
    path, study = tmp_path / "played.jsonl", space(DEPTH, max_retries=2)
    with pytest.raises(StudyError, match="fail alike"), RecordLedger.own(path, study) as ledger:
        run(ledger, engine := Inline(broken("ValueError: no")), NoTracker(), Notes())
    assert len(engine.submitted) == 2
    assert len(path.read_text().splitlines()) == 1
    with RecordLedger.own(path, study) as ledger:
        run(ledger, Inline(), NoTracker(), Notes())
        assert +ledger.counts() == {"complete": count_cells(study)}


NAMES = ("acc", "loss", "val_accuracy", "val_loss")


@pytest.mark.parametrize("workers", [1, 3])
def test_an_objective_that_no_model_reports_ends_the_run_before_any_epoch(tmp_path: Path, workers: int) -> None:
    engine = Reporting(succeed, metrics=NAMES, workers=workers)
    message = stopped(tmp_path, space(DEPTH, max_retries=2), engine)
    assert message.startswith(
        "study 'played': no cell can succeed: reported acc, loss, val_accuracy, val_loss, but not "
    )
    assert "the objective, val_acc; did you mean 'val_accuracy'? (" in message
    assert len(engine.submitted) == workers


def test_an_objective_that_a_model_of_unknown_metrics_lacks_ends_the_run_after_the_first_cell(tmp_path: Path) -> None:
    engine = Inline(lambda config: TrialResult("complete", ({"loss": 1.0, "val_loss": 2.0},) * 3))
    message = stopped(tmp_path, space(DEPTH, max_retries=2), engine)
    assert "no cell can succeed: reported loss, val_loss, but not the objective, val_acc" in message
    assert len(engine.submitted) == 1


def test_a_point_without_the_objective_fails_alone_if_another_has_it(tmp_path: Path) -> None:
    def outcome(config: TrialConfig) -> TrialResult:
        flat = config.settings["pooling"] == "flat"
        return TrialResult("complete", ({"loss": 1.0},) * 3) if flat else succeed(config)

    study = space(POOLING, max_retries=0)
    play(tmp_path, study, Inline(outcome, workers=2))
    ledger = Ledger.read(tmp_path, "played")
    assert {(cell.point, cell.state) for cell in ledger.cells() if cell.state != "complete"} == {
        ("pooling=flat", "failed")
    }


def test_the_second_objective_must_be_reported_too(tmp_path: Path) -> None:
    both = (Objective("val_acc", "maximize"), Objective("val_time", "minimize"))
    sweep = Design("sweep", trials=3, sampler="random", pruner="none", confirm=Confirm(top=1, seeds=2))
    with pytest.raises(StudyError) as end:
        play(tmp_path, space(DEPTH, objectives=both, design=sweep, seeds=(0,)), Reporting(succeed))
    message = str(end.value)
    assert "but not the objective, val_time" in message


def test_an_epoch_message_shows_that_the_task_works(tmp_path: Path) -> None:
    seen: list[int] = []

    class Mixed(Inline):
        """One trial trains while the others fail."""

        def messages(self) -> Iterator[Message]:
            first = min(self._waiting)
            if first == 0 and not seen:
                seen.append(first)
                yield Epoch(0, 1, {"val_acc": 0.5})
                return
            yield from super().messages()

    study = space(DEPTH, max_retries=0)
    engine = Mixed(broken("ValueError: no"), workers=2)
    assert len(play(tmp_path, study, engine).logged) == count_cells(study)
