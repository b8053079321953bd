"""What several commands need: the study or the cell that is meant, and where to print."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.errors import StudyError
from study.space.trial import CELL_STATES

if TYPE_CHECKING:
    from study.ledger.cell import Cell
    from study.ledger.ledger import Ledger
    from study.running.loop import Book
    from study.space.search_space import SearchSpace

DONE, SOME_FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130


def find(arguments: argparse.Namespace) -> "tuple[Ledger | None, SearchSpace]":
    """The study that NAME means, by its name or its file; a file may name one that never ran."""
    from study.ledger import store
    from study.ledger.ledger import Ledger
    from study.space.toml_file import read

    if arguments.name.endswith(".toml"):
        space = read(Path(arguments.name))
        there = space.name in store.names(arguments.store)
        return (Ledger.read(arguments.store, space.name, space=space) if there else None), space
    ledger = Ledger.read(arguments.store, arguments.name)
    return ledger, ledger.space


def find_cell(arguments: argparse.Namespace) -> "tuple[Ledger, Cell]":
    """The one cell that NAME and the beginning of a key mean."""
    ledger, space = find(arguments)
    cells = [] if ledger is None else ledger.cells()
    found = [cell for cell in cells if cell.config.key.startswith(arguments.key)]
    if ledger is None or len(found) != 1:
        few = ", ".join(cell.config.key[:12] for cell in (found or cells)[:5])
        how = f"{len(found)} cells begin with" if found else "no cell has the key"
        raise StudyError(f"study {space.name!r}: {how} {arguments.key!r}; keys are {few or 'not there yet'} …")
    return ledger, found[0]


def counts(ledger: "Book") -> dict[str, int]:
    """How many cells are in each state, every state named."""
    known = ledger.counts()
    return {state: known[state] for state in CELL_STATES}


def totals(ledger: "Ledger") -> dict[str, int]:
    """The number of cells, and how many are in each state."""
    known = counts(ledger)
    return {"cells": sum(known.values()), **known}


def pareto_front(ledger: "Ledger") -> str:
    """Which points no other beats in both objectives; empty where there is one."""
    from study.inference.pareto import pareto
    from study.results import table

    objectives = ledger.space.objectives
    if len(objectives) < 2:
        return ""
    return f"Pareto front ({', '.join(map(str, objectives))}): {'; '.join(pareto(table(ledger), objectives))}"


def as_json(value: object) -> int:
    """Print one JSON object and nothing else."""
    print(json.dumps(value))
    return DONE


def console() -> Any:
    """Where tables go."""
    from rich.console import Console

    # A pipe or a file has no width: what is written there must not be folded.
    return Console() if sys.stdout.isatty() else Console(width=240)
