"""The layout of a cell's folder: the names of its files, and which of them stay at the end of the cell."""

import shutil
from pathlib import Path

CURVE = "curve.jsonl"
"""The metrics of each epoch, a line each."""
LOG = "log.txt"
"""Everything that the worker printed."""
WEIGHTS = "weights.npz"
"""The weights of the model of a complete trial: those at its end or, if the best epoch counts, those of that epoch."""
CHECKPOINT = "checkpoint.npz"
"""The state of an unfinished trial after its last epoch."""
AGAIN = "again"
"""The folder in which a cell runs again, because its weights are lost."""
PACKED = "packed"
"""The folder with the best point's model for MLflow."""
STEP = "step"
"""The name of the step that a check of a task takes in this folder."""
EXPORTED, LOADING = "exported", "loading.md"
"""The folder with the files of an exported model, and how it is loaded, as a part of its model card."""
NEEDS = "needs.txt"
"""Beside a model that is written to be given away: why it opens only with the task's code, if so."""
UNLIKE = "weights.txt"
"""Beside weights that a second run made: which numbers of that run differ from the first one's, if any do."""
FILES = "files"
"""The folder of the files that the callbacks of a task write."""
_STAYING = {CURVE, LOG, WEIGHTS, UNLIKE, FILES}


def folder_name(key: str) -> str:
    """Returns the name of a cell's folder from the cell's key."""
    return key[:16]


def remove_working_files(folder: Path) -> None:
    """Remove what only an unfinished cell needs: its checkpoint, and all other files of a trial function."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in _STAYING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
