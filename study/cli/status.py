"""`study status`: what is done, running, failed and missing."""

import argparse
from collections.abc import Sequence

from study.cli.cell_counts import counts_with_total
from study.cli.code_notes import print_code_notes
from study.cli.exit_status import DONE
from study.cli.named_study import named_study
from study.cli.output import print_json, print_rows
from study.ledger import holdout
from study.ledger.cell import Cell
from study.space.points import count_cells
from study.space.search_space import SearchSpace
from study.space.trial import CELL_STATES


def execute(arguments: argparse.Namespace) -> int:
    """Show what is done, running, failed and missing."""
    ledger, space = named_study(arguments)
    counts = _counts_before_a_run(space) if ledger is None else counts_with_total(ledger)
    if arguments.json:
        print_json({"study": space.name, **counts})
        return DONE
    states = [state for state in CELL_STATES if counts[state]]
    print(f"study {space.name}: {counts['cells']} cells: " + ", ".join(f"{counts[s]} {s}" for s in states))
    cells = [] if ledger is None else ledger.cells()
    _print_seeds(cells, states)
    _print_reasons(cells)
    print_code_notes(space, arguments.store)
    if ledger is not None and (openings := holdout.read_openings(ledger.folder)):
        print(holdout.openings_in_words(openings))
    return DONE


def _counts_before_a_run(space: SearchSpace) -> dict[str, int]:
    cells = count_cells(space)
    return {"cells": cells, **dict.fromkeys(CELL_STATES, 0), "missing": cells}


def _print_seeds(cells: Sequence[Cell], states: Sequence[str]) -> None:
    """Print a row for each point, with the seeds in each state."""
    points = dict.fromkeys(cell.point for cell in cells)
    rows = [[point, *(_seeds(cells, point, state) for state in states)] for point in points]
    print_rows(("point", *(f"{state}: seeds" for state in states)), rows)


def _seeds(cells: Sequence[Cell], point: str, state: str) -> str:
    return " ".join(str(cell.config.seed) for cell in cells if cell.point == point and cell.state == state)


def _print_reasons(cells: Sequence[Cell]) -> None:
    """Print a line for each cell whose last trial gave a reason for its end."""
    for cell in cells:
        if cell.result is not None and cell.result.reason:
            state = cell.result.state + (f" ({cell.result.failure})" if cell.result.failure else "")
            again = ", to be run again" if cell.state == "missing" else ""
            name = f"{cell.config.key[:12]}  {cell.point}, seed {cell.config.seed}"
            print(f"{name}: {state}{again}: {cell.result.reason}")
