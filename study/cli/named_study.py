"""The study, or the cell, that the user named on the command line."""

import argparse
from pathlib import Path

from study.errors import StoreError, StudyError
from study.ledger import store
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.space.search_space import SearchSpace
from study.space.toml_file import read


def named_study(arguments: argparse.Namespace) -> tuple[Ledger | None, SearchSpace]:
    """Returns the study that NAME means, which is its name or its file.

    The ledger is None if the file names a study that never ran.
    """
    if not arguments.name.endswith(".toml"):
        ledger = Ledger.read(arguments.store, arguments.name)
        return ledger, ledger.space
    space = read(Path(arguments.name))
    if space.name not in store.names(arguments.store):
        return None, space
    return Ledger.read(arguments.store, space.name, space=space), space


def named_ledger(arguments: argparse.Namespace) -> Ledger:
    """Returns the ledger of the study that NAME means. Raises StoreError if the study never ran."""
    ledger, space = named_study(arguments)
    if ledger is None:
        raise StoreError(
            f"{arguments.store}: study {space.name!r} has not run yet; `study run {arguments.name}` runs it"
        )
    return ledger


def named_cell(arguments: argparse.Namespace) -> tuple[Ledger, Cell]:
    """Returns the one cell whose key begins with KEY. Raises StudyError if there is none, or more than one."""
    ledger, space = named_study(arguments)
    cells = [] if ledger is None else ledger.cells()
    matching = [cell for cell in cells if cell.config.key.startswith(arguments.key)]
    if ledger is None or len(matching) != 1:
        examples = ", ".join(cell.config.key[:12] for cell in (matching or cells)[:5])
        problem = f"{len(matching)} cells begin with" if matching else "no cell has the key"
        raise StudyError(f"study {space.name!r}: {problem} {arguments.key!r}; keys are {examples or 'not there yet'} …")
    return ledger, matching[0]
