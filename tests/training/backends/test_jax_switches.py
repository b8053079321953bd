"""What a trial sets in JAX for the whole process is put back."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

SCRIPT = """
import jax
from study.engines.process_state import ProcessState
from study.training.backends.jax_switches import SWITCHES
values = dict(jax.config.values)
state = ProcessState(SWITCHES)
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_debug_nans", True)
assert jax.numpy.zeros(1, "float64").dtype == "float64"
assert state.restore() == []
assert dict(jax.config.values) == values
assert jax.numpy.zeros(1).dtype == "float32"
"""


def test_jaxs_configuration_is_put_back() -> None:
    pytest.importorskip("jax")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env={**os.environ}, capture_output=True, text=True, timeout=200
    )
    assert (done.returncode, done.stderr) == (0, "")
