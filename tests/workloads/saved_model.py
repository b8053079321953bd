"""The model file that one of the workloads takes apart: trained when a test first needs it, because it is no source."""

import subprocess
import sys
from pathlib import Path

from filelock import FileLock

SCRIPT = Path(__file__).with_name("keras_file.py")


def make_saved_model(folder: Path) -> None:
    """Train the model of `keras_file.py` and write it beside that file, once. `folder` is a process's own of pytest."""
    # One lock for all processes that run tests at once: this is pytest-xdist's advice.
    with FileLock(folder.parent / "saved_model.lock"):
        if not SCRIPT.with_name("digits.keras").is_file():
            subprocess.run([sys.executable, str(SCRIPT)], check=True, capture_output=True)
