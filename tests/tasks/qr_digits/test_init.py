"""The task: what it declares, and which settings it refuses."""

from typing import Any

import numpy as np
import pytest

from study.task import Fresh, Task, defaults, metric_groups, numbered, packages
from study.tasks.qr_digits import SETTINGS, task


def test_it_keeps_the_contract_of_a_task_that_offers_fresh_examples() -> None:
    assert isinstance(task, Task)
    assert isinstance(task, Fresh)
    assert (task.name, task.version) == ("qr_digits", 1)


def test_a_data_set_depends_on_the_version_of_qrcode() -> None:
    assert packages(task) == ("qrcode",)


def test_the_accuracies_of_the_digits_belong_together() -> None:
    metrics = ["val_digit_2_acc", "digit_1_acc", "val_acc", "val_digit_1_acc", "val_number_acc"]
    (pattern,) = metric_groups(task).values()
    assert numbered(pattern, metrics) == {1: "val_digit_1_acc", 2: "val_digit_2_acc"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"digits": 18}, "digits = 18 does not fit a version 1 code at error_correction = 'H'; at most L: 41, "),
        ({"digits": 4}, "digits = 4 gives 10,000 numbers, and the three sets need 50,000; take at least 5"),
        ({"downsampling": "stride", "conv_depth": 1}, "downsampling = 'stride' comes after convolution 2; take a "),
        ({"downsampling": "stride", "trunk": "dense"}, "downsampling = 'stride' needs a map, and trunk = 'dense' has "),
        ({"weight_decay": 0.1}, "weight_decay has an effect only with optimizer = 'adamw', not with 'adam'"),
        ({"weight_decay": 0.1, "optimizer": "adamw"}, None),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(changes: dict[str, Any], problem: str | None) -> None:
    problems = task.problems({**defaults(task), **changes})
    assert len(problems) == (problem is not None)
    assert all(line.startswith(str(problem)) for line in problems)


def test_a_target_is_written_as_its_digits() -> None:
    target = np.eye(10, dtype=bool)[[0, 4, 2]][np.newaxis]
    assert task.text(target) == "042"


def test_every_setting_says_what_it_acts_on() -> None:
    parts = {
        part: {name for name, setting in SETTINGS.items() if setting.part == part} for part in ("data", "training")
    }
    assert parts["data"] == {"digits", "error_correction", "mask", "damage", "data_seed"}
    assert {"optimizer", "learning_rate", "batch_size"} < parts["training"]
