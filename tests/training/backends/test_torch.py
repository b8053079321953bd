"""Where PyTorch is installed, whole passes hold to the same tests on it, in a process of its own."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

CHOSEN = "fit_and_evaluate or class_numbers or same_bits or order_decides or preparing"


@pytest.mark.parametrize(
    "arguments",
    [
        ["tests/training/test_compiled_pass.py", "-k", CHOSEN],
        pytest.param(["tests/training/test_structured_passes.py"], marks=pytest.mark.slow),
    ],
    ids=["passes", "structures"],
)
def test_passes_on_torch(arguments: list[str]) -> None:
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"KERAS_BACKEND": "torch"}, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stdout + done.stderr
