"""The README's own example, from its file to a model that opens where nobody knows the task."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, study

pytestmark = pytest.mark.slow

OPENING = """
import sys
import numpy as np
{lines}
import keras
inputs = np.linspace(0, 1, 3 * 64, dtype="float32").reshape(3, 64)
file = keras.models.load_model(sys.argv[1])
assert np.allclose(model.predict(inputs), file.predict(inputs, verbose=0))
assert file.predict(inputs, verbose=0).shape == (3, 10)
assert not [name for name in sys.modules if name.partition(".")[0] in ("study", "tests", "handwritten")]
"""


def test_the_example_ends_with_a_model_that_opens_in_a_process_that_never_saw_the_task(tmp_path: Path) -> None:
    store = ("--store", str(tmp_path / "store"))
    printed = study("run", "tests/handwritten.toml", *store)
    assert "the best point's model is models:/handwritten/1" in printed
    assert "it opens only with" not in printed
    lines = study("best", "handwritten", *store).partition("its model, in Python:\n")[2].splitlines()
    assert len(lines) == 3
    study("export-model", "handwritten", "--out", str(tmp_path / "reader"), *store)
    card = (tmp_path / "reader" / "README.md").read_text(encoding="utf-8")
    assert "It needs Keras 3 and no code of the study." in card
    assert json.loads((tmp_path / "reader" / "settings.json").read_text())["steps"] == 4 * 32
    code = OPENING.format(lines="\n".join(line.strip() for line in lines))
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path / "reader" / "model.keras")],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert ROOT not in tmp_path.parents
