"""The layout of a cell's folder: what its files are called, and which of them stay when the cell is over."""

import shutil
from pathlib import Path

CURVE = "curve.jsonl"
"""The metrics of each epoch, a line each."""
LOG = "log.txt"
"""What the worker printed."""
WEIGHTS = "weights.npz"
"""The weights of the model when it was complete."""
CHECKPOINT = "checkpoint.npz"
"""Where an unfinished trial left off."""
_STAYING = {CURVE, LOG, WEIGHTS}


def folder_name(key: str) -> str:
    """Returns the name of a cell's folder from the cell's key."""
    return key[:16]


def remove_working_files(folder: Path) -> None:
    """Removes what only an unfinished cell needs: its checkpoint, and whatever else a trial function left there."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in _STAYING:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
