"""Cells that another study of the same store has run already: they are taken over, and do not run again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from study.ledger.cell import Cell
from study.ledger.codes import Codes
from study.ledger.ledger import Ledger
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.space.task_code import TaskCode, code_of
from study.space.trial import TrialConfig, TrialResult

_ENDED = ("complete", "diverged", "refused")
"""The states of a cell that another study may take over. A failed cell is tried again."""


@dataclass(frozen=True)
class TakenCells:
    """How many cells a study has from others."""

    cells: int
    """Those that were taken over now."""
    of_other_code: int
    """Those that were left, because the code of the task is not the one that made them."""


def take_cells(space: SearchSpace, root: Path, sources: Sequence[Ledger]) -> TakenCells:
    """Make a study in a store, if there is none of its name, and take over all of its cells that other studies have.

    The values by which a search chose its points are not taken. The study gets the threads of the first source, and
    sources that ran with other threads give nothing. Raises StoreError if the study cannot be made.
    """
    threads, now = sources[0].threads, code_of(space)
    alike = [source for source in sources if source.threads == threads]
    codes = _codes(alike, now)
    taken = other = 0
    with Ledger.own(root, space, threads=threads) as ledger:
        there = {cell.config.key for cell in ledger.cells() if cell.state in _ENDED}
        ledger.add_codes(ledger.codes.united(codes))
        for config, result in _found(space, alike):
            if config.key in there:
                continue
            there.add(config.key)
            if codes.differ(result.code, now.fingerprint):
                other += 1
            else:
                ledger.add_finished(config, result)
                taken += 1
    return TakenCells(taken, other)


def _codes(sources: Sequence[Ledger], now: TaskCode) -> Codes:
    codes = Codes()
    for source in sources:
        codes = codes.united(source.codes)
    return codes.with_code(now)


def _found(space: SearchSpace, sources: Sequence[Ledger]) -> Iterator[tuple[TrialConfig, TrialResult]]:
    """Yields the cells of a study that the sources have, with their results."""
    wanted = {config.key: config for config in listed_cells(space)}
    for source in sources:
        for cell in source.cells():
            if cell.config.key in wanted and cell.phase != "search" and (result := _whole(source, cell)):
                yield wanted[cell.config.key], result


def _whole(source: Ledger, cell: Cell) -> TrialResult | None:
    """Returns the result of a cell with its curve. None if it is not over."""
    if cell.state not in _ENDED or cell.result is None:
        return None
    curve = source.curve(cell.config.key) if cell.state != "refused" else []
    return replace(cell.result, curve=tuple(curve))
