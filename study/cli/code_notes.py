"""The lines about the code of a study's task: whether it is still the code that made the cells."""

from pathlib import Path
from typing import TYPE_CHECKING

from study.ledger import store
from study.ledger.codes import code_notes
from study.space.search_space import SearchSpace
from study.space.task_code import code_of

if TYPE_CHECKING:
    from study.ledger.ledger import Ledger


def print_code_notes(space: SearchSpace, folder: Path) -> None:
    """Print what was changed in the task's code since the study's cells in this store were run."""
    if ledger := stored_ledger(space, folder):
        notes = code_notes(ledger.codes, code_of(space), ledger.cells_by_code)
        print(*(f"{note}\n" for note in notes), sep="", end="")


def stored_ledger(space: SearchSpace, folder: Path) -> "Ledger | None":
    """Returns the ledger of the study of this name in the store, for reading. None if there is none."""
    if space.name not in store.names(folder):
        return None
    # Imported here, because `study check` of a new study should not load Optuna.
    from study.ledger.ledger import Ledger

    return Ledger.read(folder, space.name)
