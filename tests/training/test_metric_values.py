"""A metric becomes a number, or a number for each of its parts."""

import keras
import numpy as np

from study.training.metric_values import as_logs, numbers


def test_logs_are_sorted_numbers_and_arrays() -> None:
    logs = as_logs({"loss": keras.ops.ones(()), "f1": keras.ops.ones((2,)), "none": None, "acc": np.array([0.5])})
    assert list(logs) == ["acc", "f1", "loss"]
    assert (logs["acc"], logs["loss"]) == (0.5, 1.0)
    assert logs["f1"].tolist() == [1.0, 1.0]


def test_each_number_of_a_metric_has_a_name_and_what_is_none_is_left_out() -> None:
    assert numbers({"f1": np.array([0.5, 1.0]), "loss": 2, "word": "1", "other": object(), "acc": [0.25]}) == {
        "f1_0": 0.5, "f1_1": 1.0, "loss": 2.0, "acc": 0.25
    }  # fmt: skip
