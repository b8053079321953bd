"""The lines about the code of a study's task: whether it is still the code that made the cells."""

from pathlib import Path

from study.ledger import store
from study.ledger.codes import code_notes
from study.space.search_space import SearchSpace
from study.space.task_code import code_of


def print_code_notes(space: SearchSpace, folder: Path) -> None:
    """Print what was changed in the task's code since the study's cells in this store were run."""
    if space.name not in store.names(folder):
        return
    # Imported here, because `study check` of a new study should not load Optuna.
    from study.ledger.ledger import Ledger

    ledger = Ledger.read(folder, space.name)
    print(*(f"{note}\n" for note in code_notes(ledger.codes, code_of(space), ledger.cells_by_code)), sep="", end="")
