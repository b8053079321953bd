"""`study status`: what is done, running, failed and missing, and the results of a complete study."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime

from study.cli.cell_counts import counts_with_total
from study.cli.cell_list import as_json, print_cells
from study.cli.code_notes import print_code_notes
from study.cli.exit_status import DONE
from study.cli.named_study import named_study
from study.cli.output import print_json, print_lines, print_rows
from study.cli.results_table import print_results
from study.ledger import holdout
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.running.begun import Begun, begun_cells
from study.space.points import count_first_cells
from study.space.search_space import SearchSpace
from study.space.trial import CELL_STATES, UNFINISHED
from study.terminal import duration, number
from study.text_table import Column


def execute(arguments: argparse.Namespace) -> int:
    """Show what is done, running, failed and missing."""
    ledger, space = named_study(arguments)
    cells = [] if ledger is None else ledger.cells()
    counts = _counts_before_a_run(space) if ledger is None else counts_with_total(ledger)
    if arguments.json:
        listed = {"list": [as_json(ledger, cell) for cell in cells] if ledger else []} if arguments.cells else {}
        looks = {"looks": list(ledger.look_lines())} if ledger and space.looks else {}
        print_json({"study": space.name, **counts, **looks, **listed})
        return DONE
    states = [state for state in CELL_STATES if counts[state]]
    print_lines(f"study {space.name}: {counts['cells']} cells: " + ", ".join(f"{counts[s]} {s}" for s in states))
    if ledger is not None:
        _print_ledger(ledger, cells, states, listed=arguments.cells)
    print_code_notes(space, arguments.store)
    if ledger is not None and (openings := holdout.read_openings(ledger.folder)):
        print_lines(holdout.openings_in_words(openings))
    return DONE


def _counts_before_a_run(space: SearchSpace) -> dict[str, int]:
    cells = count_first_cells(space)
    return {"cells": cells, **dict.fromkeys(CELL_STATES, 0), "missing": cells}


def _print_ledger(ledger: Ledger, cells: Sequence[Cell], states: Sequence[str], *, listed: bool) -> None:
    """Print the study's results if it is complete, else the seeds of each point by state; or list its cells."""
    if listed:
        print_cells(ledger, cells)
    elif set(UNFINISHED) & set(states) or "complete" not in states:
        _print_seeds(cells, states)
    else:
        print_results(ledger)
    print_lines(*ledger.look_lines())
    metric = ledger.space.objective.metric
    print_lines(*(_begun_line(begun, metric) for begun in begun_cells(ledger, cells)), *_reasons(cells))


def _print_seeds(cells: Sequence[Cell], states: Sequence[str]) -> None:
    """Print a row for each point, with the seeds in each state."""
    points = dict.fromkeys(cell.point for cell in cells)
    rows = [[point, *(_seeds(cells, point, state) for state in states)] for point in points]
    print_rows((Column("point", "name"), *(Column(f"{state}: seeds", "name") for state in states)), rows)


def _seeds(cells: Sequence[Cell], point: str, state: str) -> str:
    return " ".join(str(cell.config.seed) for cell in cells if cell.point == point and cell.state == state)


def _begun_line(begun: Begun, metric: str) -> str:
    """Returns a line about a cell that is not finished: how far it is."""
    cell, epochs = begun.cell, f"{begun.epochs} of {begun.cell.config.fidelity.epochs} epochs"
    if cell.state != "running":
        return f"{_name(cell)}: begun, {epochs} are done and kept"
    since = f"for {duration((datetime.now() - cell.begun).total_seconds())}" if cell.begun else ""
    value = begun.curve[-1].get(metric) if begun.curve else None
    reached = "" if value is None else f"{metric} {number(value)}"
    return f"{_name(cell)}: running {', '.join(filter(None, [since, epochs if begun.curve else '', reached]))}"


def _reasons(cells: Sequence[Cell]) -> Iterator[str]:
    """Yields a line for each cell whose last trial gave a reason for its end."""
    for cell in cells:
        if cell.result is not None and cell.result.reason:
            state = cell.result.state + (f" ({cell.result.failure})" if cell.result.failure else "")
            again = ", to be run again" if cell.state == "missing" else ""
            yield f"{_name(cell)}: {state}{again}: {cell.result.reason}"


def _name(cell: Cell) -> str:
    return f"{cell.config.key[:12]}  {cell.point}, seed {cell.config.seed}"
