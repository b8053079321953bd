"""Floating-point operations, counted by hand."""

from types import SimpleNamespace
from typing import Any

import keras
import pytest
from keras import layers

from study.training.flops import flops

SHAPE = (8, 8, 3)


def model(*parts: Any) -> keras.Model:
    return keras.Sequential([keras.Input(SHAPE), *parts])


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([layers.Conv2D(5, 3, padding="same")], 2 * 64 * 9 * 3 * 5),
        ([layers.Conv2D(5, 3, strides=2, padding="same")], 2 * 16 * 9 * 3 * 5),
        ([layers.DepthwiseConv2D(3, padding="same")], 2 * 64 * 9 * 3),
        ([layers.Flatten(), layers.Dense(10)], 2 * 192 * 10),
        ([layers.ReLU(), layers.BatchNormalization()], 0),
    ],
)
def test_two_operations_for_each_multiply_add(parts: list[Any], expected: int) -> None:
    assert flops(model(*parts)) == expected


def test_the_layers_of_a_nested_model_count() -> None:
    inner = keras.Sequential([keras.Input(SHAPE), layers.Conv2D(5, 3, padding="same")])
    assert flops(model(inner, layers.Flatten(), layers.Dense(2))) == 2 * 64 * 27 * 5 + 2 * 320 * 2


def test_a_layer_that_does_not_tell_its_shape_gives_none() -> None:
    layer = SimpleNamespace(kernel=SimpleNamespace(shape=(3, 4)))
    assert flops(SimpleNamespace(layers=[layer])) is None
