"""Operations are counted on JAX as on TensorFlow: the same tests, in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_the_operations_of_every_layer_on_jax() -> None:
    pytest.importorskip("jax")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "tests/training/test_flops.py"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "jax"}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
