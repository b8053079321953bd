"""What a person reads: tables, and the progress of a run."""

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from study.engines import Epoch, Finished, Message, Preparing
from study.space import Objective
from study.trial import Metrics

if TYPE_CHECKING:
    from study.inference import Summary
    from study.ledger import Claim


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1) -> Table:
    """A plain table whose first `left` columns are words and whose others are numbers."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        made.add_column(
            name, justify="left" if place < left else "right", overflow="fold" if place < left else "ellipsis"
        )
    for row in rows:
        made.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return made


def duration(seconds: float) -> str:
    """Seconds as a person says them: `45 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 10 or seconds == 0 else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def large(number: float | None) -> str:
    """A large number with a unit: `5.2 G`."""
    if number is None or not math.isfinite(number):
        return ""
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number:g}"


def summary_table(rows: "Sequence[Summary]", objective: Objective) -> Table:
    """One line a point: its mean between the ends of its interval, and its difference from the baseline."""
    columns = (
        "point",
        "seeds",
        objective.metric,
        "95 % interval",
        "difference",
        "95 % interval",
        "parameters",
        "seconds",
    )
    cells = [
        (
            row.point,
            row.seeds,
            _number(row.mean),
            _interval(row.low, row.high),
            "" if row.point == "baseline" else _number(row.difference, signed=True),
            "" if row.point == "baseline" else _interval(row.difference_low, row.difference_high, signed=True),
            f"{row.parameters:,.0f}" if math.isfinite(row.parameters) else "",
            f"{row.seconds:.0f}",
        )
        for row in rows
    ]
    return table(columns, cells)


def curve_table(curve: Sequence[Metrics], objective: str) -> Table:
    """A line an epoch: the losses, and the objective beside its value in training."""
    wanted = ("loss", "val_loss", objective.removeprefix("val_"), objective)
    names = [name for name in dict.fromkeys(wanted) if name in curve[0]]
    rows = [(epoch, *(f"{metrics[name]:.4f}" for name in names)) for epoch, metrics in enumerate(curve, start=1)]
    return table(("epoch", *names), rows, left=0)


def final_table(metrics: Metrics) -> Table:
    """Every metric after the last epoch, in training and on the validation set."""
    names = [name for name in metrics if not name.startswith("val_")]
    rows = [(name, *(f"{metrics[k]:.4f}" if k in metrics else "" for k in (name, f"val_{name}"))) for name in names]
    return table(("after the last epoch", "training", "validation"), rows)


def _number(value: float, *, signed: bool = False) -> str:
    return ("" if math.isnan(value) else f"{value:+.3f}" if signed else f"{value:.3f}").replace("-", "−")


def _interval(low: float, high: float, *, signed: bool = False) -> str:
    return "" if math.isnan(low) else f"{_number(low, signed=signed)} … {_number(high, signed=signed)}"


@dataclass
class _Cell:
    claim: "Claim"
    since: float = field(default_factory=time.monotonic)
    stage: str = "starting"
    done: float = 0.0


class Progress:
    """Follows a run: on a terminal a line for each running cell, elsewhere a line for each finished one."""

    def __init__(self, console: Console, objective: Objective, *, total: int, done: int, workers: int) -> None:
        self._console = console
        self._objective = objective
        self._total = total
        self._done = done
        self._workers = workers
        self._cells: dict[int, _Cell] = {}
        self._seconds: list[float] = []
        self._best: tuple[float, str] | None = None
        self._said: dict[str, int] = {}
        self._live = Live(console=console, refresh_per_second=4, transient=True, get_renderable=self._render)

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def started(self, claim: "Claim") -> None:
        """A cell was given to a worker."""
        self._cells[claim.trial] = _Cell(claim)

    def saw(self, claim: "Claim", message: Message) -> None:
        """A message came from its worker."""
        cell = self._cells[claim.trial]
        match message:
            case Preparing(_, what, done, total):
                cell.stage = f"making {what}: {done:,} of {total:,}"
                self._prepared(what, done, total)
            case Epoch(_, epoch, metrics):
                epochs = claim.config.fidelity.epochs
                cell.stage, cell.done = f"epoch {epoch}/{epochs}  {self._shown(metrics)}", epoch / epochs
            case Finished(_, result):
                del self._cells[claim.trial]
                self._seconds.append(result.seconds)
                self._done += result.state != "failed"
                value = result.metrics.get(self._objective.metric)
                if result.state == "complete" and value is not None:
                    self._best = max(
                        filter(None, (self._best, (value, claim.point))), key=lambda b: self._objective.sign * b[0]
                    )
                outcome = (
                    self._shown(result.metrics) if result.state == "complete" else f"{result.state}: {result.reason}"
                )
                self._say(
                    f"[{self._done:>{len(str(self._total))}}/{self._total}]  {claim.point}, seed {claim.config.seed}:  "
                    f"{outcome}  in {duration(result.seconds)};  {self._outlook()}"
                )

    def _prepared(self, what: str, done: int, total: int) -> None:
        quarter = 4 * done // max(total, 1)
        if not self._console.is_terminal and self._said.get(what, -1) != quarter:
            self._said[what] = quarter
            self._say(f"making {what}: {done:,} of {total:,}")

    def _say(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)

    def _shown(self, metrics: Metrics) -> str:
        value = metrics.get(self._objective.metric)
        return "" if value is None else f"{self._objective.metric} {value:.3f}"

    def _outlook(self) -> str:
        best = f"best {self._best[0]:.3f} ({self._best[1]})" if self._best else ""
        left = self._left()
        return ", ".join(part for part in (best, f"about {duration(left)} left" if left else "") if part)

    def _left(self) -> float:
        """Seconds to the end, by the mean of the cells so far."""
        if not self._seconds:
            return 0.0
        begun = sum(cell.done for cell in self._cells.values())
        mean = sum(self._seconds) / len(self._seconds)
        return max(0.0, self._total - self._done - begun) * mean / self._workers

    def _render(self) -> Group:
        running = [
            (cell.claim.point, f"seed {cell.claim.config.seed}", cell.stage, duration(time.monotonic() - cell.since))
            for cell in self._cells.values()
        ]
        head = Text(f"{self._done} of {self._total} cells;  {self._outlook()}")
        return Group(head, table(("running", "", "", ""), running, left=3))
