"""The best point of a study and its model: chosen, kept, logged, opened on the test split."""

import math
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from study.engines.cell_folder import WEIGHTS
from study.errors import StudyError
from study.ledger import holdout
from study.ledger.cell import Cell
from study.ledger.holdout import Opening
from study.ledger.ledger import Ledger
from study.running.replay import alone, replay
from study.space.trial import TrialResult
from study.tracking import model_registry as registry
from study.training import checkpoint
from study.training.worker_functions import PACKAGE, SCORE, TRAIN

Say = Callable[[str], None]


@dataclass(frozen=True)
class Winner:
    """The point with the best mean of the objective over its complete seeds."""

    cell: Cell
    """That of the median seed, the lower one of two: its weights are the model."""
    values: Mapping[int, float]
    """The objective of each complete seed."""
    points: int
    """Among how many it was chosen."""

    @property
    def mean(self) -> float:
        """Over its complete seeds."""
        return fmean(self.values.values())

    @property
    def name(self) -> str:
        """Its point, and the seed of its model."""
        return f"{self.cell.point}, seed {self.cell.config.seed}"


def choose(ledger: Ledger) -> Winner:
    """The winner as things stand; in a sweep among confirmed points. Raises StudyError where no cell is complete."""
    points: dict[str, list[tuple[float, Cell]]] = {}
    for cell in _comparable(ledger.cells()):
        if cell.state == "complete" and math.isfinite(value := _objective(ledger, cell)):
            points.setdefault(cell.point, []).append((value, cell))
    if not points:
        raise StudyError(f"study {ledger.space.name!r} has no best point yet: none of its cells is complete")
    sign = ledger.space.objective.sign
    best = max(points.values(), key=lambda cells: sign * fmean(value for value, _ in cells))
    ordered = sorted(best, key=lambda one: (one[0], one[1].config.seed))
    values = {cell.config.seed: value for value, cell in best}
    return Winner(ordered[(len(ordered) - 1) // 2][1], values, len(points))


def _comparable(cells: Sequence[Cell]) -> Sequence[Cell]:
    # A search's values are what chose its points: only what confirms them may be compared.
    return [cell for cell in cells if cell.phase == "confirm"] or cells


def _objective(ledger: Ledger, cell: Cell) -> float:
    curve = ledger.curve(cell.config.key)
    return curve[-1].get(ledger.space.objective.metric, math.nan) if curve else math.nan


def unfinished(ledger: Ledger) -> int:
    """How many cells are missing or running: while there are any, another point may still win."""
    counts = ledger.counts()
    return counts["missing"] + counts["running"]


def settle(ledger: Ledger, winner: Winner, *, say: Say) -> None:
    """See that the winner's weights are kept and, unless the study keeps all, nobody else's."""
    kept = weights(ledger, winner.cell, say=say)
    if ledger.space.keep == "best":
        for path in (ledger.folder / "cells").glob(f"*/{WEIGHTS}"):
            if path != kept:
                path.unlink()


def weights(ledger: Ledger, cell: Cell, *, say: Say) -> Path:
    """The file of a complete cell's weights; where it is not there, the cell is run again for it."""
    path = ledger.cell_folder(cell.config) / WEIGHTS
    if not checkpoint.is_whole(path):
        say(f"running {cell.point}, seed {cell.config.seed} again, for its weights are not in this store")
        again = replay(ledger, cell, function=TRAIN, weights=path)
        if not checkpoint.is_whole(path):
            reason = again.result.reason or "it kept no weights"
            raise StudyError(f"{cell.point}, seed {cell.config.seed} was run again, and {again.result.state}: {reason}")
        if again.differences:
            where = "; ".join(again.changes) or "though nothing is known to have changed"
            say(f"{len(again.differences)} of its {again.numbers} numbers are not as they were ({where})")
    return path


def log(ledger: Ledger, winner: Winner, store: Path, *, say: Say) -> str:
    """Where MLflow has the winner's model, logged and registered now unless it is. Raises StudyError."""
    if address := registry.find_address(ledger, winner.cell, store):
        return address
    with tempfile.TemporaryDirectory() as name:
        ask(ledger, winner.cell, PACKAGE, folder=Path(name), say=say)
        return registry.register(ledger, winner.cell, Path(name), store)


def open_test(ledger: Ledger, winner: Winner, *, say: Say) -> Opening:
    """Score the winner's model on the test split, and write down that it was; whoever calls owns the study."""
    with tempfile.TemporaryDirectory() as name:
        result = ask(ledger, winner.cell, SCORE, folder=Path(name), say=say)
    opening = Opening(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        point=winner.cell.point,
        seed=winner.cell.config.seed,
        key=winner.cell.config.key,
        examples=result.data["counts"]["test"],
        scores=result.metrics,
    )
    holdout.record_opening(ledger.folder, opening)
    return opening


def ask(ledger: Ledger, cell: Cell, function: str, *, folder: Path, say: Say) -> TrialResult:
    """Have a worker do something with a cell's model, in a folder where its weights are put. Raises StudyError."""
    shutil.copy(weights(ledger, cell, say=say), folder)
    result = alone(ledger, cell, function, folder=folder)
    if result.state == "failed":
        raise StudyError(f"{cell.point}, seed {cell.config.seed}: {result.reason}")
    return result
