"""What is left of a study that has begun: its cells, and the time that they take."""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.running.begun import begun_cells
from study.running.plan import Plan
from study.space.trial import UNFINISHED
from study.terminal import duration


@dataclass(frozen=True)
class Remaining:
    """The cells that a study still has to run."""

    done: int
    cells: int
    hours: float | None
    """The time on as many workers as the plan's. None if nobody knows."""

    def __str__(self) -> str:
        if not self.cells:
            return f"it has begun: all {self.done:,} cells are there"
        left = f"{self.done:,} cells are there, and {self.cells:,} are left"
        return f"it has begun: {left}: {time_in_words(self.hours)}"


def time_in_words(hours: float | None) -> str:
    """Returns an estimated time in words."""
    return "unknown" if hours is None else f"about {duration(hours * 3600)}"


def remaining(ledger: Ledger, plan: Plan) -> Remaining:
    """Returns what is left of a study. A cell takes as long as those of its point did, else as the plan says."""
    cells, counts = ledger.cells(), ledger.counts()
    left = counts["missing"] + counts["running"]
    seconds = _seconds(ledger, cells, left, plan)
    hours = None if seconds is None else (seconds / plan.workers + (2 * plan.start if left else 0)) / 3600
    return Remaining(counts.total() - left, left, hours)


def _seconds(ledger: Ledger, cells: list[Cell], left: int, plan: Plan) -> float | None:
    """Returns the seconds that the cells that are left take together."""
    measured: dict[str, list[float]] = defaultdict(list)
    for cell in cells:
        if cell.state == "complete" and cell.result:
            measured[cell.point].append(cell.result.seconds)
    every = [seconds for point in measured.values() for seconds in point]
    usual = plan.trial_seconds if plan.trial_seconds is not None else fmean(every) if every else None
    if usual is None:
        return None
    open_cells = [cell for cell in cells if cell.state in UNFINISHED]
    shares = {begun.cell.config.key: 1 - begun.share for begun in begun_cells(ledger, open_cells)}
    times = [
        (fmean(measured[cell.point]) if cell.point in measured else usual) * shares.get(cell.config.key, 1.0)
        for cell in open_cells
    ]
    # A sweep has yet to suggest the others.
    return sum(times) + (left - len(open_cells)) * usual
