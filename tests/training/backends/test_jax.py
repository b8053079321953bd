"""Where JAX is installed, whole passes hold to the same tests on it, in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

# Each model is compiled for seconds there: what a backend's own module decides, and not what both share.
CHOSEN = "fit_and_evaluate or class_numbers or same_bits or order_decides or preparing"


@pytest.mark.slow
def test_passes_on_jax() -> None:
    pytest.importorskip("jax")
    command = [sys.executable, "-m", "pytest", "-q", "tests/training/test_compiled_pass.py", "-k", CHOSEN]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_structures_and_streams_on_jax() -> None:
    pytest.importorskip("jax")
    files = [f"tests/training/test_{name}.py" for name in ("structured_passes", "stream_pass", "class_weight")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *files],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert done.returncode == 0, done.stdout + done.stderr
