"""The progress of a run. A terminal shows a line per running cell; elsewhere, each finished cell prints a line."""

import time
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from study.engines.engine import Built, Epoch, Finished, Message, Preparing
from study.ledger.cell import Trial
from study.space.objective import Objective
from study.space.trial import Metrics, TrialResult
from study.terminal import duration, number, plain_table


@dataclass
class _Cell:
    trial: Trial
    since: float = field(default_factory=time.monotonic)
    stage: str = "starting"
    speed: str = ""
    done: float = 0.0


class Progress:
    """Shows the progress of the loop over `total` cells, of which `done` were finished before."""

    def __init__(self, console: Console, objective: Objective, *, total: int, done: int, workers: int) -> None:
        self._console = console
        self._objective = objective
        self._total = total
        self._done = done
        self._workers = workers
        self._cells: dict[int, _Cell] = {}
        self._seconds: list[float] = []
        self._best: tuple[float, str] | None = None
        self._quarter = ("", 0)
        self._live = Live(console=console, refresh_per_second=4, transient=True, get_renderable=self._render)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def started(self, trial: Trial) -> None:
        """A trial was given to a worker."""
        self._cells[trial.number] = _Cell(trial)
        if trial.origin:
            self._print(f"{trial.point}: {trial.origin}")

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker."""
        match message:
            case Preparing(_, what, done, total):
                self._prepared(self._cells[trial.number], what, done, total)
            case Built():
                self._cells[trial.number].stage = "compiling"
            case Epoch(_, epoch, metrics):
                self._epoch(self._cells[trial.number], epoch, metrics)
            case Finished(_, result):
                del self._cells[trial.number]
                self._finished(trial, result)

    def _prepared(self, cell: _Cell, what: str, done: int, total: int) -> None:
        cell.stage = f"{what}: {done:,} of {total:,}" if total else what or "building"
        quarter = what, 4 * done // max(total, 1)
        if what and not self._console.is_terminal and quarter != self._quarter:
            self._quarter = quarter
            self._print(cell.stage)

    def _epoch(self, cell: _Cell, epoch: int, metrics: Metrics) -> None:
        fidelity, seconds = cell.trial.config.fidelity, time.monotonic() - cell.since
        cell.stage = f"epoch {epoch}/{fidelity.epochs}  {self._shown(metrics)}"
        cell.speed = _speed(epoch, fidelity.train_examples, seconds)
        cell.done = epoch / fidelity.epochs

    def _finished(self, trial: Trial, result: TrialResult) -> None:
        self._seconds.append(result.seconds)
        self._done += result.state != "failed"
        outcome = f"{result.state}: {result.reason}"
        if result.state == "complete":
            outcome = self._shown(result.metrics)
            value = result.metrics[self._objective.metric]
            if self._best is None or self._objective.sign * (value - self._best[0]) > 0:
                self._best = value, trial.point
        position = f"[{self._done:>{len(str(self._total))}}/{self._total}]"
        name = f"{trial.point}, seed {trial.config.seed}"
        self._print(f"{position}  {name}:  {outcome}  in {duration(result.seconds)};  {self._forecast()}")

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

    def _shown(self, metrics: Metrics) -> str:
        value = metrics.get(self._objective.metric)
        return "" if value is None else f"{self._objective.metric} {number(value)}"

    def _forecast(self) -> str:
        best = f"best {number(self._best[0])} ({self._best[1]})" if self._best else ""
        left = self._seconds_left()
        return ", ".join(part for part in (best, f"about {duration(left)} left" if left else "") if part)

    def _seconds_left(self) -> float:
        """Returns the seconds to the end, estimated from the mean time of the finished cells."""
        if not self._seconds:
            return 0.0
        begun = sum(cell.done for cell in self._cells.values())
        mean = sum(self._seconds) / len(self._seconds)
        return max(0.0, self._total - self._done - begun) * mean / self._workers

    @property
    def share(self) -> float:
        """The share of the cells that are finished, those that run included as far as they are."""
        return min(1.0, (self._done + sum(cell.done for cell in self._cells.values())) / max(1, self._total))

    def heading(self) -> str:
        """Returns how many cells are finished, the best result so far, and the time left."""
        return f"{self._done} of {self._total} cells;  {self._forecast()}".rstrip("; ")

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
        return Group(Text(self.heading()), plain_table(("running", "", "", ""), self.running(), text_columns=2))


def _speed(epochs: int, examples: int | None, seconds: float) -> str:
    """Returns how fast a cell trains. Only its worker knows how many examples an epoch has, if it has all."""
    return f"{seconds / epochs:,.1f} s/epoch" if examples is None else f"{epochs * examples / seconds:,.0f} examples/s"
