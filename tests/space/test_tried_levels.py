"""Which trials a check of a task tries."""

from pathlib import Path

import pytest

from study.errors import TaskError
from study.space.trial import label
from study.space.tried_levels import tried_levels

CODE = """\
from typing import Annotated, Literal
def data(noise: Annotated[float, 0, 1] = 0.0): ...
def build(
    units: Annotated[int, 1, 10_000] = 32,
    depth: Annotated[int, 1, None] = 1,
    activation: Literal["relu", "gelu"] = "relu",
    free="any",
    skip=True,
    rate=0.1,
): ...
"""
STUDY = """\
task = "./own.py"
[objective]
metric = "val_acc"
direction = "maximize"
[baseline]
units = 8
[factors]
units = { low = 4, high = 64 }
noise = { levels = [0, 0.5], when = { activation = "gelu" } }
activation = ["relu", "gelu"]
[design]
kind = "sweep"
trials = 3
"""


def labels(name: str) -> list[str]:
    tried = tried_levels(name)
    return [label(config.changes(tried.baseline)) for config in tried.others]


def test_of_a_task_each_choice_and_each_bound_is_tried(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(CODE)
    assert labels(str(file)) == ["noise=1", "units=1", "activation=gelu", "skip=false"]
    tried = tried_levels(str(file))
    assert (tried.baseline.reference, tried.objectives) == (str(file), ())
    assert tried.baseline.fidelity.train_examples is None


def test_of_a_study_each_level_of_its_factors_is_tried(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(CODE)
    (tmp_path / "own.toml").write_text(STUDY)
    assert labels(str(tmp_path / "own.toml")) == [
        "units=4",
        "units=64",
        "noise=0.5 activation=gelu",
        "activation=gelu",
    ]
    assert tried_levels(str(tmp_path / "own.toml")).objectives == ("val_acc",)


def test_a_setting_that_acts_only_at_levels_of_others_is_tried_there() -> None:
    assert "optimizer=adamw weight_decay=1" in labels("qr_digits")
    with pytest.raises(TaskError, match="no such task"):
        tried_levels("nothing")
