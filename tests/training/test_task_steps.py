"""The steps of a check, as a worker runs them."""

from pathlib import Path

import pytest

from study.engines.cell_folder import STEP
from study.space.trial import TrialResult
from study.space.tried_levels import tried_levels
from study.training.task_steps import run_step
from tests.in_process import Dropped

CODE = """\
import numpy as np

calls = []

def data(sign: int = 1):
    calls.append(1)
    x = np.arange(6.0)
    return {"pool": (x, sign * x), "validation": (x, len(calls) * x)}

def build(units=3): ...

def problems(units):
    return ["too many units"] if units > 3 else []
"""


def result(folder: Path, step: str, **changes: int) -> TrialResult:
    (folder / STEP).write_text(step)
    (folder / "own.py").write_text(CODE)
    baseline = tried_levels(str(folder / "own.py")).baseline
    baseline.settings.update(changes)  # type: ignore[attr-defined]
    return run_step(baseline, Dropped(folder))


def test_data_are_made_and_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    made = result(tmp_path, "data")
    assert (made.state, made.data["counts"]) == ("complete", {"pool": 6, "validation": 6})
    refused = result(tmp_path, "data", units=4)
    assert (refused.state, refused.reason) == ("refused", "too many units")


def test_data_that_are_made_again_are_compared_file_by_file(tmp_path: Path) -> None:
    result(tmp_path, "data", sign=2)
    assert result(tmp_path, "data again", sign=2).reason == "validation.targets"


def test_an_unknown_step_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        result(tmp_path, "fly")
