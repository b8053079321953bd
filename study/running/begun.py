"""Cells that have begun and are not finished: how far each is, by what it has saved after its last epoch."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from study.engines.cell_folder import CHECKPOINT
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.trial import Metrics
from study.training import checkpoint


@dataclass(frozen=True)
class Begun:
    """A cell that runs, or whose last trial was stopped or lost after some epochs."""

    cell: Cell
    curve: tuple[Metrics, ...]
    """The metrics of each epoch so far. Empty before the first one, and for a task that trains in its own way."""
    resumable: bool
    """Whether a trial that is stopped now goes on after these epochs."""

    @property
    def epochs(self) -> int:
        """How many epochs are done."""
        return len(self.curve)

    @property
    def share(self) -> float:
        """The share of its epochs that is done."""
        return self.epochs / self.cell.config.fidelity.epochs


def begun_cells(ledger: Ledger, cells: Iterable[Cell]) -> Iterator[Begun]:
    """Yields the cells that run, and the missing ones that have done some epochs."""
    for cell in cells:
        if cell.state == "running" or (cell.state == "missing" and cell.trial is not None):
            begun = _begun(ledger, cell)
            if cell.state == "running" or begun.epochs:
                yield begun


def _begun(ledger: Ledger, cell: Cell) -> Begun:
    path = ledger.cell_folder(cell.config) / CHECKPOINT
    facts = checkpoint.read_facts(path, key=cell.config.key)
    return Begun(cell, tuple(facts.get("curve", ())), resumable="curve" in facts)
