"""Follows a study that another process runs. It only reads the store, and leaves the study's lock alone."""

import time
from collections.abc import Callable
from datetime import datetime

from rich.console import Console

from study.engines.engine import Epoch, Finished
from study.ledger import store
from study.ledger.cell import Cell, Trial
from study.ledger.ledger import Ledger
from study.running.begun import begun_cells
from study.running.progress import Progress

_PAUSE = 1.0
_MOST = 0.2
"""The most of its time that a watcher spends on reading. The trials need the processor more."""


def watch(ledger: Ledger, console: Console, *, pause: Callable[[float], object] = time.sleep) -> bool:
    """Show the progress of a study until it is complete, or nobody runs it any more. Returns whether it is complete."""
    counts = ledger.counts(alive=True)
    open_cells = counts["missing"] + counts["running"]
    how = {"total": counts.total(), "done": counts.total() - open_cells, "workers": max(1, counts["running"])}
    known = list(ledger.finished())

    def recount() -> int:
        return ledger.counts(alive=True).total()

    with Progress(console, ledger.space.objective, **how, known=known, recount=recount) as progress:
        watched = Watched(ledger, progress, known={trial.number for trial, _ in known})
        while (alive := store.seems_owned(ledger.folder)) and watched.look():
            pause(max(_PAUSE, watched.seconds / _MOST))
        # What happened between the last look and the end of the launcher.
        return not watched.look(alive=alive)


class Watched:
    """Tells a progress what has changed in a study since the last look."""

    def __init__(self, ledger: Ledger, progress: Progress, *, known: set[int]) -> None:
        self._ledger, self._progress = ledger, progress
        self._finished = known
        self._running: dict[int, int] = {}
        """How many epochs each running trial had done at the last look."""
        self.seconds = 0.0
        """The seconds that the last look took."""

    def look(self, *, alive: bool = True) -> bool:
        """Tell what is new. Returns whether the study has cells that are not finished."""
        began = time.monotonic()
        cells = self._ledger.cells(alive=alive)
        self._tell_finished()
        self._tell_running(cells)
        counts = self._ledger.counts(alive=alive)
        self._progress.workers = max(1, counts["running"])
        self.seconds = time.monotonic() - began
        return counts["missing"] + counts["running"] > 0

    def _tell_finished(self) -> None:
        for trial, result in self._ledger.finished(but=self._finished):
            self._finished.add(trial.number)
            if self._running.pop(trial.number, None) is None:
                self._progress.started(trial)
            self._progress.received(trial, Finished(trial.number, result))

    def _tell_running(self, cells: list[Cell]) -> None:
        running = [cell for cell in cells if cell.state == "running"]
        for number in self._running.keys() - {cell.trial for cell in running}:
            del self._running[number]
            self._progress.lost(number)
        for begun in begun_cells(self._ledger, running):
            cell = begun.cell
            if cell.trial is None or cell.trial in self._finished:
                continue
            trial = Trial(cell.trial, cell.config, cell.point, cell.phase)
            if trial.number not in self._running:
                self._progress.started(trial, ago=_seconds_since(cell.begun))
                self._running[trial.number] = 0
            if begun.epochs > self._running[trial.number]:
                self._running[trial.number] = begun.epochs
                self._progress.received(trial, Epoch(trial.number, begun.epochs, begun.curve[-1]))


def _seconds_since(begun: datetime | None) -> float:
    return max(0.0, (datetime.now() - begun).total_seconds()) if begun else 0.0
