"""The progress of a run. A terminal shows a line per running cell; elsewhere, each finished cell prints a line."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from study.engines.engine import Built, Epoch, Finished, Message, Preparing
from study.ledger.cell import Trial
from study.running.progress_best import BestSoFar
from study.running.progress_forecast import Begun, Forecast
from study.space.objective import Objective
from study.space.trial import Metrics, TrialResult
from study.terminal import duration, number, wrapped
from study.text_table import Column, TextTable

_COLUMNS = Column("running", "name"), Column("", "text"), Column("", rank=1), Column("", rank=2)
"""The running cells: what each does, its speed, and how long it has run."""
_AT_ONCE = 0.05
"""Seconds between two epochs of which the second was not trained now."""


@dataclass
class _Cell:
    trial: Trial
    since: float = field(default_factory=time.monotonic)
    built: float | None = None
    """When its model was built: its worker has imported Keras, and its data are there."""
    last: float = 0.0
    """When it reported its last epoch."""
    first: tuple[int, float] | None = None
    """The epoch before which it compiled its model, and when that epoch was over."""
    stage: str = "starting"
    speed: str = ""
    done: float = 0.0


class Progress:
    """Shows the progress of the loop over `total` cells, of which `done` were finished before.

    `known` holds the trials that ended before, if they are known; else the best so far is that of this run. `recount`
    gives the total again once more cells begin than there were, as after a look.
    """

    def __init__(
        self,
        console: Console,
        objective: Objective,
        *,
        total: int,
        done: int,
        workers: int,
        known: Iterable[tuple[Trial, TrialResult]] | None = None,
        recount: Callable[[], int] | None = None,
    ) -> None:
        self._console = console
        self._objective = objective
        self._total = total
        self._recount = recount
        self._done = done
        self.workers = workers
        """How many cells run at once."""
        self._cells: dict[int, _Cell] = {}
        self._forecast = Forecast()
        self._best = BestSoFar(objective, part="of this run " if done and known is None else "")
        for trial, result in known or ():
            self._count(trial, result)
        self._quarter = ("", 0)
        self._live = Live(console=console, refresh_per_second=4, transient=True, get_renderable=self._render)

    @property
    def _is_live(self) -> bool:
        """Whether lines can be drawn again. In a file they cannot, nor in a terminal without cursor (TERM=dumb)."""
        console = self._console
        return console.is_terminal and not console.is_dumb_terminal and not console.quiet

    def __enter__(self) -> "Progress":
        if self._is_live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_live:
            self._live.stop()

    def started(self, trial: Trial, *, ago: float | None = None) -> None:
        """A trial was given to a worker, now or so many seconds ago."""
        since = time.monotonic() - (ago or 0.0)
        self._cells[trial.number] = _Cell(trial, since, stage="starting" if ago is None else "no epoch yet")
        if self._recount and self._done + len(self._cells) > self._total:
            self._total = self._recount()
        if trial.origin:
            self._print(f"{trial.point}: {trial.origin}")

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker."""
        match message:
            case Preparing(_, what, done, total):
                self._prepared(self._cells[trial.number], what, done, total)
            case Built():
                self._built(self._cells[trial.number])
            case Epoch(_, epoch, metrics):
                self._epoch(self._cells[trial.number], epoch, metrics)
            case Finished(_, result):
                del self._cells[trial.number]
                self._finished(trial, result)

    def lost(self, number: int) -> None:
        """A trial has ended without a result."""
        self._cells.pop(number, None)

    def _prepared(self, cell: _Cell, what: str, done: int, total: int) -> None:
        cell.stage = f"{what}: {done:,} of {total:,}" if total else what or "building"
        quarter = what, 4 * done // max(total, 1)
        if what and not self._is_live and quarter != self._quarter:
            self._quarter = quarter
            self._print(cell.stage)

    def _built(self, cell: _Cell) -> None:
        cell.stage, cell.built = "compiling", time.monotonic()

    def _epoch(self, cell: _Cell, epoch: int, metrics: Metrics) -> None:
        fidelity, now = cell.trial.config.fidelity, time.monotonic()
        cell.stage = f"epoch {epoch}/{fidelity.epochs}  {self._shown(metrics)}"
        if cell.first is None:
            cell.first = epoch, now
        elif now - cell.last < _AT_ONCE:
            # A trial that goes on reports the epochs of its earlier attempt again, all at once, and then compiles.
            cell.first = None
        else:
            cell.speed = _speed(epoch - cell.first[0], fidelity.train_examples, now - cell.first[1])
        cell.last, cell.done = now, epoch / fidelity.epochs

    def _finished(self, trial: Trial, result: TrialResult) -> None:
        best = self._count(trial, result)
        self._done += result.state != "failed"
        complete = result.state == "complete"
        outcome = self._shown(result.metrics) if complete else f"{result.state}: {result.reason}"
        position = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
        name = f"{trial.point}, seed {trial.config.seed}"
        # Where lines can be drawn again, the heading shows the time left.
        end = ", ".join(filter(None, [best, "" if self._is_live else self._time_left()]))
        line = f"{position}  {name}:  {outcome}  in {duration(result.seconds)}"
        self._print(f"{line};  {end}" if end else line)

    def _count(self, trial: Trial, result: TrialResult) -> str:
        """Count a trial that ended. Returns the best point in words if that has changed."""
        self._forecast.add(result)
        # A cell that runs again alone is the best of nothing.
        return self._best.add(trial, result) if result.state == "complete" and self._total > 1 else ""

    def _print(self, line: str) -> None:
        self._console.print(Text(wrapped(line, self._console.width)), soft_wrap=True)

    def _shown(self, metrics: Metrics) -> str:
        value = metrics.get(self._objective.metric)
        return "" if value is None else f"{self._objective.metric} {number(value)}"

    def _time_left(self) -> str:
        begun = [Begun(cell.done, cell.built) for cell in self._cells.values()]
        left = self._forecast.seconds_left(self._total - self._done, begun, workers=self.workers)
        return f"about {duration(left)} left" if left else ""

    @property
    def share(self) -> float:
        """The share of the cells that are finished, those that run included as far as they are."""
        return min(1.0, (self._done + sum(cell.done for cell in self._cells.values())) / max(1, self._total))

    def heading(self) -> str:
        """Returns how many cells are finished, the best result so far, and the time left."""
        end = ", ".join(filter(None, [self._best.text(), self._time_left()]))
        return f"{self._done} of {self._total} cells;  {end}".rstrip("; ")

    def running(self) -> list[tuple[str, str, str, str]]:
        """Returns the name of each running cell, what it does, its speed, and how long it has run."""
        return [
            (
                f"{cell.trial.point}, seed {cell.trial.config.seed}",
                cell.stage,
                cell.speed,
                duration(time.monotonic() - cell.since),
            )
            for cell in self._cells.values()
        ]

    def _render(self) -> Group:
        return Group(Text(self.heading()), TextTable(_COLUMNS, [[*map(Text, row)] for row in self.running()]))


def _speed(epochs: int, examples: int | None, seconds: float) -> str:
    """Returns how fast a cell trains. Only its worker knows how many examples an epoch has, if it has all."""
    return f"{seconds / epochs:,.1f} s/epoch" if examples is None else f"{epochs * examples / seconds:,.0f} examples/s"
