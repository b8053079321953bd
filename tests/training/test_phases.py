"""A task may prepare its model before each epoch, and must leave a compiled model."""

from typing import Any

import keras
import numpy as np
import pytest

from study.errors import TaskError
from study.training.phases import before_epoch, play_phases
from tests.training.one_trial import config

POOL = np.ones((4, 1)), np.ones(4)


class Task:
    """Notes the epochs, and returns what a test gives it."""

    name = "mine"

    def __init__(self, returned: Any = None) -> None:
        self.returned, self.epochs = returned, list[int]()

    def before_epoch(self, settings: Any, model: Any, epoch: int) -> Any:
        self.epochs.append(epoch)
        return self.returned


def compiled() -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def test_a_task_without_it_leaves_the_model() -> None:
    other: Any = object()
    model = compiled()
    assert before_epoch(other, config("many_ways"), model, POOL, epoch=0) is model


def test_it_is_played_from_the_first_epoch_on() -> None:
    task: Any = Task()
    model = compiled()
    assert play_phases(task, config("many_ways"), model, POOL, epochs=3) is model
    assert task.epochs == [0, 1, 2]


def test_the_model_that_it_returns_is_used() -> None:
    task: Any = Task(other := compiled())
    assert before_epoch(task, config("many_ways"), compiled(), POOL, epoch=0) is other


@pytest.mark.parametrize("returned", [3, keras.Sequential([keras.layers.Dense(1)])])
def test_anything_else_is_refused(returned: Any) -> None:
    task: Any = Task(returned)
    with pytest.raises(TaskError, match=r"before_epoch\(\) of task 'mine' returned .*; it must return a compiled"):
        before_epoch(task, config("many_ways"), compiled(), POOL, epoch=0)
