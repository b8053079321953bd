"""The untrained model of a trial: its seed, its batches and its steps; and what is refused in its place."""

from typing import Any

import keras
import numpy as np
import pytest

from study.errors import TaskError
from study.task import Settings
from study.training.new_model import batch_size, build, steps
from tests.handwritten import Handwritten
from tests.training.test_example_order import config

EXAMPLES = np.zeros((40, 64), np.float32), np.arange(40) % 10


def test_steps_count_the_last_partial_batch() -> None:
    assert steps(config(), 1_000) == 3 * 4
    assert batch_size(config(settings={}, defaults={})) == 32


def test_the_weights_depend_on_the_seed_alone() -> None:
    task = Handwritten()

    def weights(seed: int) -> list[Any]:
        settings = {name: setting.default for name, setting in task.settings.items()}
        asked = config(settings=settings, defaults=settings, seed=seed)
        weights: list[Any] = build(task, asked, EXAMPLES).get_weights()
        return weights

    assert all(np.array_equal(a, b) for a, b in zip(weights(1), weights(1), strict=True))
    assert not np.array_equal(weights(1)[0], weights(2)[0])


class Returning(Handwritten):
    """A task whose `build` returns this."""

    def __init__(self, model: Any) -> None:
        self.model, self.steps = model, 0

    def build(self, settings: Settings, *, steps: int) -> Any:
        self.steps = steps
        return self.model


def network(*parts: Any) -> keras.Model:
    model = keras.Sequential([*parts, keras.layers.Dense(10, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    return model


def test_the_task_is_told_how_many_steps_there_will_be() -> None:
    task = Returning(network())
    build(task, config(), EXAMPLES)
    assert task.steps == 12


def test_a_model_without_an_input_is_built_on_the_examples() -> None:
    model = build(Returning(network()), config(), EXAMPLES)
    assert (model.count_params(), model.inputs[0].shape) == (64 * 10 + 10, (None, 64))


@pytest.mark.parametrize(
    ("returned", "shown"),
    [
        (None, "None"),
        (12, "12, a int"),
        ((network(), None), "a tuple"),
        (keras.layers.Dense(3), "a Dense of keras"),
        (keras.Sequential([keras.layers.Dense(3)]), "a Sequential model that is not compiled"),
    ],
)
def test_anything_but_a_compiled_model_is_refused_with_the_user_s_line(returned: Any, shown: str) -> None:
    with pytest.raises(TaskError) as refused:
        build(Returning(returned), config(), EXAMPLES)
    line = Returning.build.__code__.co_firstlineno
    assert str(refused.value).startswith(f"test_new_model.py, line {line}: build() of task 'handwritten' returned ")
    assert str(refused.value).endswith(f"{shown}; it must return a compiled Keras model")
    assert "\n" not in str(refused.value)


def test_a_model_without_an_optimizer_is_refused() -> None:
    model = network()
    model.compile(optimizer=None, loss="sparse_categorical_crossentropy")
    with pytest.raises(TaskError, match="a Sequential model that is compiled without an optimizer"):
        build(Returning(model), config(), EXAMPLES)


class Failing(keras.Model):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        raise LookupError("no such word")


def test_an_error_of_the_user_s_model_is_shown_and_not_that_keras_could_not_build_it() -> None:
    model = Failing()
    model.compile(loss="mse")
    with pytest.raises(LookupError, match="no such word"):
        build(Returning(model), config(), EXAMPLES)
