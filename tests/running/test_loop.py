"""The loop from the first cell to the last, with an engine of this process and with workers that die."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from study.engines.engine import Built, Engine, Epoch, Finished, Message
from study.engines.local import LocalEngine
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.running.loop import run
from study.space.constraint import Constraint
from study.space.design import Confirm, Design
from study.space.points import count_cells, listed_cells
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult
from tests.conftest import ROOT
from tests.toy_task import DEPTH, NORM, POOLING
from tests.trial_functions import Inline, curve, diverge, fail, space, succeed


class Notes:
    """A tracker and an observer that keep everything they receive."""

    def __init__(self) -> None:
        self.logged: list[tuple[Trial, TrialResult]] = []
        self.begun: list[Trial] = []
        self.messages: list[tuple[Trial, Message]] = []

    def log(self, trial: Trial, result: TrialResult) -> None:
        self.logged.append((trial, result))

    def started(self, trial: Trial) -> None:
        self.begun.append(trial)

    def received(self, trial: Trial, message: Message) -> None:
        assert trial.number == message.trial
        self.messages.append((trial, message))


def go(store: Path, space: SearchSpace, engine: Engine) -> Notes:
    notes = Notes()
    with Ledger.own(store, space) as ledger:
        run(ledger, engine, notes, notes)
    return notes


def states(store: Path) -> Counter[str]:
    return +Ledger.read(store, "played").counts()


@pytest.mark.parametrize("workers", [1, 4])
def test_every_cell_is_run_recorded_and_logged(tmp_path: Path, workers: int) -> None:
    wide = space(DEPTH, POOLING)
    notes = go(tmp_path, wide, engine := Inline(workers=workers))
    keys = [config.key for config in listed_cells(wide)]
    assert [config.key for _, config, _ in engine.submitted] == keys == [trial.config.key for trial in notes.begun]
    assert engine.most == workers
    assert sorted(trial.config.key for trial, _ in notes.logged) == sorted(keys)
    assert all(result == succeed(trial.config) for trial, result in notes.logged)
    ledger = Ledger.read(tmp_path, "played")
    assert [cell.state for cell in ledger.cells()] == ["complete"] * 10
    for number, config, folder in engine.submitted:
        assert folder == ledger.cell_folder(config)
        messages = [message for trial, message in notes.messages if trial.number == number]
        assert [type(message) for message in messages] == [Epoch, Epoch, Epoch, Finished]
        assert ledger.curve(config.key) == list(curve(config))


def test_a_second_run_gives_nothing_to_the_engine(tmp_path: Path) -> None:
    go(tmp_path, space(), Inline())
    notes = go(tmp_path, space(), engine := Inline())
    assert not (engine.submitted or notes.logged or notes.begun or notes.messages)


def test_a_failure_is_logged_each_time_and_run_again_in_the_same_run(tmp_path: Path) -> None:
    late = Inline(lambda config: replace(fail(config), curve=curve(config)[:1]), workers=2)
    notes = go(tmp_path, space(max_retries=2), late)
    assert len(notes.logged) == 18
    assert states(tmp_path) == {"failed": 6}


def test_the_ledgers_judgement_is_what_is_logged_and_shown(tmp_path: Path) -> None:
    notes = go(tmp_path, space(), Inline(lambda config: TrialResult("complete", ({"val_acc": float("nan")},))))
    assert {result.state for _, result in notes.logged} == {"diverged"}
    shown = [message.result.state for _, message in notes.messages if isinstance(message, Finished)]
    assert shown == ["diverged"] * 6


class Building(Inline):
    """An engine whose trials say first that their model is built, with ten parameters."""

    def messages(self) -> Iterator[Message]:
        trial = next(iter(self._waiting))
        yield Built(trial, {"parameters": 10})
        if self._answers.pop(trial, False):
            yield from super().messages()
        else:
            del self._waiting[trial]
            yield Finished(trial, TrialResult("refused", parameters=10))


def test_a_model_that_breaks_a_constraint_is_not_trained(tmp_path: Path) -> None:
    bounded = space(constraints=(Constraint("parameters", "<", 10),))
    notes = go(tmp_path, bounded, Building())
    assert [type(message) for _, message in notes.messages] == [Built, Finished] * 6
    assert {result.reason for _, result in notes.logged} == {"parameters = 10, not parameters < 10"}


def test_a_trial_that_is_stopped_when_its_model_is_built_is_missing_again(tmp_path: Path) -> None:
    notes = Notes()
    with Ledger.own(tmp_path, space()) as ledger:
        run(ledger, Building(), notes, notes, stopping=lambda: bool(notes.begun))
    assert len(notes.begun) == 1
    assert [type(message) for _, message in notes.messages] == [Built]
    assert not notes.logged
    assert states(tmp_path) == {"missing": 6}


def test_divergence_is_not_tried_again(tmp_path: Path) -> None:
    assert len(go(tmp_path, space(), Inline(diverge)).logged) == 6


@pytest.mark.parametrize("workers", [1, 3])
def test_a_sweep_runs_to_its_confirmed_end_in_one_run(tmp_path: Path, workers: int) -> None:
    how = Design("sweep", trials=30, pruner="median", confirm=Confirm(top=2, seeds=2))
    small = space(DEPTH, POOLING, NORM, design=how, seeds=(0,))
    notes = go(tmp_path, small, Inline(workers=workers))
    phases = Counter(trial.phase for trial in notes.begun)
    assert phases == {"search": 18, "confirm": 6}
    assert [trial.phase for trial in notes.begun] == ["search"] * 18 + ["confirm"] * 6
    pruned = states(tmp_path)["pruned"]
    assert pruned > 0
    assert states(tmp_path) == {"pruned": pruned, "complete": 24 - pruned}
    assert go(tmp_path, small, Inline()).begun == []


class PowerCutError(Exception):
    """Ends a run in the middle."""


class Cut(Inline):
    """An engine that raises PowerCutError after so many answers, as if the machine lost its power."""

    def __init__(self, after: int, *, workers: int) -> None:
        super().__init__(workers=workers)
        self.after = after

    def answer(self, trial: int, *, go_on: bool) -> None:
        super().answer(trial, go_on=go_on)
        self.after -= 1
        if not self.after:
            raise PowerCutError


def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    finished: list[str] = []
    for after in (1, 4, 5, 7):
        engine = Cut(after, workers=3)
        with pytest.raises(PowerCutError):
            go(tmp_path, space(), engine)
        done = [cell.config.key for cell in Ledger.read(tmp_path, "played").cells() if cell.state == "complete"]
        assert not set(finished) & {config.key for _, config, _ in engine.submitted}
        finished = done
    assert 0 < len(finished) < 6
    notes = go(tmp_path, space(), Inline(workers=3))
    assert sorted([*finished, *(trial.config.key for trial in notes.begun)]) == sorted(
        config.key for config in listed_cells(space())
    )
    assert states(tmp_path) == {"complete": 6}


def test_with_workers_that_fail_and_die(tmp_path: Path) -> None:
    wide = space(DEPTH, POOLING, NORM, max_retries=1)
    engine = LocalEngine("tests.trial_functions:flaky", workers=2)
    try:
        notes = go(tmp_path, wide, engine)
    finally:
        engine.close()
    assert states(tmp_path) == {"complete": count_cells(wide)}
    ledger = Ledger.read(tmp_path, "played")
    assert all(ledger.curve(cell.config.key) == list(curve(cell.config)) for cell in ledger.cells())
    failures = {trial.config.key for trial, result in notes.logged if result.state == "failed"}
    assert failures
    assert len(notes.logged) == count_cells(wide) + len(failures)
    assert {cell.failures for cell in ledger.cells()} == {0, 1}


LAUNCHER = """
from pathlib import Path
from study.engines.local import LocalEngine
from tests.running.test_loop import WIDE, go
if __name__ == "__main__":
    engine = LocalEngine("tests.trial_functions:quick", workers=2)
    go(Path({store!r}), WIDE, engine)
    engine.close()
"""
WIDE = space(DEPTH, POOLING, NORM, seeds=tuple(range(8)))


def test_a_launcher_that_is_killed_again_and_again_runs_every_cell_once(tmp_path: Path) -> None:
    script = tmp_path / "launcher.py"
    script.write_text(LAUNCHER.format(store=str(tmp_path)))
    journal = study_folder(tmp_path, "played") / "trials.journal"
    for kill in range(3):
        with subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": str(ROOT)}) as launcher:
            wanted = (journal.stat().st_size if kill else 0) + 9_000 + 777 * kill
            while not journal.exists() or journal.stat().st_size < wanted:
                assert launcher.poll() is None
                time.sleep(0.001)
            launcher.kill()
    lost = states(tmp_path)["missing"]
    assert 0 < lost < count_cells(WIDE)
    assert len(go(tmp_path, WIDE, Inline()).begun) == lost
    assert states(tmp_path) == {"complete": count_cells(WIDE)}
    results = Counter(trial.config.key for trial, _ in Ledger.read(tmp_path, "played").finished())
    assert set(results.values()) == {1}
    for cell in (ledger := Ledger.read(tmp_path, "played")).cells():
        assert ledger.curve(cell.config.key) == list(curve(cell.config))
