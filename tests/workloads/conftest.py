"""The model file that one of the workloads takes apart: trained when a test first needs it, because it is no source."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

SCRIPT = Path(__file__).with_name("keras_file.py")


@pytest.fixture(autouse=True, scope="session")
def _saved_model(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Train the model of `keras_file.py` and write it beside that file."""
    # One lock for all processes that run tests at once: this is pytest-xdist's advice.
    with FileLock(tmp_path_factory.getbasetemp().parent / "saved_model.lock"):
        if not SCRIPT.with_name("digits.keras").is_file():
            subprocess.run([sys.executable, str(SCRIPT)], check=True, capture_output=True)
