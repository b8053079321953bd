"""Where JAX is installed, whole passes hold to the same tests on it, in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


def test_passes_on_jax() -> None:
    pytest.importorskip("jax")
    command = [sys.executable, "-m", "pytest", "-q", "tests/test_passes.py"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
