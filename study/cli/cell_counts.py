"""How many cells of a study are in each state."""

from study.running.loop import LoopLedger
from study.space.trial import CELL_STATES


def count_cells(ledger: LoopLedger) -> dict[str, int]:
    """Returns the number of cells in each state. A state without a cell has the number 0."""
    counts = ledger.counts()
    return {state: counts[state] for state in CELL_STATES}


def counts_with_total(ledger: LoopLedger) -> dict[str, int]:
    """Returns the number of all cells as `cells`, and the number in each state."""
    counts = count_cells(ledger)
    return {"cells": sum(counts.values()), **counts}
