"""The size of a model: parameters and operations, or that they are not known."""

import keras
import numpy as np

from study.training.model_inputs import build_on
from study.training.model_size import ModelSize, count_weights, model_size, parameters
from tests.training.test_model_inputs import EXAMPLES, Critic, Late, compiled


def test_parameters_and_operations_are_counted_on_the_data() -> None:
    model = compiled(Late())
    build_on(model, EXAMPLES, batch=2)
    assert model_size(model, EXAMPLES) == ModelSize(parameters=4, flops=6)
    assert model_size(model, EXAMPLES).known() == {"parameters": 4, "flops": 6}


def test_weights_that_are_not_trained_count() -> None:
    assert count_weights(keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization()])) == 4 * 3


def test_a_model_without_weights_yet_has_an_unknown_size_and_not_0() -> None:
    model = compiled(Critic())
    build_on(model, EXAMPLES, batch=2)
    assert parameters(model) is None
    assert model_size(model, EXAMPLES).known() == {}


def test_axes_without_a_size_are_those_of_the_data() -> None:
    model = keras.Sequential([keras.Input((None, 2)), keras.layers.Conv1D(4, 3)])
    rows = np.zeros((5, 8, 2), np.float32), np.zeros(5)
    assert model_size(model, rows) == ModelSize(parameters=3 * 2 * 4 + 4, flops=2 * 6 * 3 * 2 * 4)
