"""Stored examples become what a model takes, and build what it has not built."""

from typing import Any

import keras
import numpy as np
import pytest

from study.data.nest import map_nest
from study.training.model_inputs import (
    build_on,
    conversion,
    declared_inputs,
    first_batch,
    has_weights,
    needs_keras_loop,
)

EXAMPLES = np.ones((5, 3), bool), np.arange(5, dtype=np.uint8)


class Late(keras.Model):  # type: ignore[misc]
    """A model that makes its weights at its first call."""

    def __init__(self) -> None:
        super().__init__()
        self.out = keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.out(inputs)


class OwnStep(Late):
    def train_step(self, *given: Any) -> Any:
        return super().train_step(*given)


class Critic(OwnStep):
    def call(self, inputs: Any) -> Any:
        raise NotImplementedError


def compiled(model: Any, **options: Any) -> Any:
    model.compile("adam", "mse", metrics=["mae"], **options)
    return model


def test_truth_values_and_floats_get_the_type_of_keras_and_class_numbers_stay_numbers() -> None:
    examples = {"a": EXAMPLES[0], "b": [EXAMPLES[1]]}, np.ones(5, np.float64)
    inputs, targets = conversion(examples)(examples)
    assert (inputs["a"].dtype, inputs["b"][0].dtype, targets.dtype) == ("float32", np.uint8, "float32")


def test_one_weight_of_an_example_counts_for_each_of_its_targets() -> None:
    one = np.ones(5, np.float32)
    several = one, {"a": one, "b": [one, None]}, 2 * one
    weights = map_nest(lambda array: float(array[0]), conversion(several)(several)[2])
    assert weights == {"a": 2.0, "b": [2.0, None]}
    own = one, {"a": one, "b": one}, {"a": one, "b": 3 * one}
    assert map_nest(lambda array: float(array[0]), conversion(own)(own)[2]) == {"a": 1.0, "b": 3.0}


def test_the_first_batch_has_a_fixed_size_if_the_model_has() -> None:
    fixed = keras.Sequential([keras.Input(batch_shape=(8, 3)), keras.layers.Dense(1)])
    assert len(first_batch(Late(), EXAMPLES, size=2)[0]) == 2
    assert len(first_batch(Late(), EXAMPLES, size=9)[0]) == 5
    assert len(first_batch(fixed, EXAMPLES, size=2)[0]) == 8


@pytest.mark.parametrize("kind", [Late, OwnStep])
def test_a_model_is_built_on_its_examples(kind: type[keras.Model]) -> None:
    model = compiled(kind())
    build_on(model, EXAMPLES, batch=2)
    assert [weight.shape for weight in model.weights] == [(3, 1), (1,)]
    assert has_weights(model)
    assert declared_inputs(model) == []


def test_a_sequence_without_an_input_takes_batches_of_any_size() -> None:
    model = compiled(keras.Sequential([keras.layers.Dense(1)]))
    build_on(model, EXAMPLES, batch=2)
    assert declared_inputs(model)[0].shape == (None, 3)


def test_a_model_that_only_its_own_training_can_run_is_left_to_it() -> None:
    model = compiled(Critic())
    build_on(model, EXAMPLES, batch=2)
    assert not has_weights(model)


def test_a_model_that_overrides_a_loop_or_runs_eagerly_needs_keras_s() -> None:
    assert needs_keras_loop(compiled(OwnStep()))
    assert needs_keras_loop(compiled(Late(), run_eagerly=True))
    assert needs_keras_loop(compiled(Late(), jit_compile=False)) == (keras.backend.backend() == "jax")
