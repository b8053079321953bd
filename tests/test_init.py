"""The packages are found although a user's file of a common name lies in the current folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.parametrize("name", ["random", "json", "keras"])
def test_a_users_file_does_not_hide_pythons_own(name: str, tmp_path: Path) -> None:
    assert "usage" in help_beside(tmp_path / f"{name}.py", package="study")


def help_beside(file: Path, *, package: str) -> str:
    """What `python -m PACKAGE --help` prints in a folder with such a file, which must not be imported."""
    file.write_text("raise SystemExit('the wrong file')\n")
    command = [sys.executable, "-m", package, "--help"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=file.parent, env=environment, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
