"""Floating-point operations, counted by hand: two for each multiply-add; on whichever backend is in use."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from study.training.flops import flops

IMAGE, SERIES = (8, 8, 4), (6, 12)
"""The shape of an image, and of a series of six steps with twelve numbers each."""


def count(shape: tuple[int | None, ...], *parts: Any, dtype: str = "float32", length: int = 6) -> int | None:
    """The operations of a network of these layers for one example; an axis without a size gets this length."""
    row = np.zeros((1, *(length if size is None else size for size in shape)), dtype)
    return flops(keras.Sequential([keras.Input(shape, dtype=dtype), *parts]), keras.ops.convert_to_tensor(row))


STEP = 12 + 5
"""A recurrent layer of five units takes at each step twelve numbers and its own five."""
LAYERS: dict[str, tuple[tuple[int, ...], list[Callable[[], Any]], int]] = {
    "dense": (SERIES, [layers.Flatten, lambda: layers.Dense(10)], 2 * 72 * 10),
    "dense on each step": (SERIES, [lambda: layers.Dense(10)], 2 * 6 * 12 * 10),
    "convolution": (IMAGE, [lambda: layers.Conv2D(5, 3, padding="same")], 2 * 64 * 9 * 4 * 5),
    "strides": (IMAGE, [lambda: layers.Conv2D(5, 3, strides=2, padding="same")], 2 * 16 * 9 * 4 * 5),
    "dilation": (IMAGE, [lambda: layers.Conv2D(5, 3, dilation_rate=2)], 2 * 16 * 9 * 4 * 5),
    "groups": (IMAGE, [lambda: layers.Conv2D(6, 3, groups=2)], 2 * 36 * 9 * 2 * 6),
    "one axis": (SERIES, [lambda: layers.Conv1D(5, 3)], 2 * 4 * 3 * 12 * 5),
    "three axes": ((4, 4, 4, 2), [lambda: layers.Conv3D(5, 3)], 2 * 8 * 27 * 2 * 5),
    "depthwise": (IMAGE, [lambda: layers.DepthwiseConv2D(3, padding="same")], 2 * 64 * 9 * 4),
    "depthwise, two each": (IMAGE, [lambda: layers.DepthwiseConv2D(3, depth_multiplier=2)], 2 * 36 * 9 * 8),
    "separable": (IMAGE, [lambda: layers.SeparableConv2D(5, 3, padding="same")], 2 * 64 * 9 * 4 + 2 * 64 * 4 * 5),
    "transposed": (IMAGE, [lambda: layers.Conv2DTranspose(5, 3, padding="same")], 2 * 64 * 9 * 4 * 5),
    "transposed, strides": (IMAGE, [lambda: layers.Conv2DTranspose(5, 4, strides=2, padding="same")], 2 * 64 * 80 * 4),
    "lstm": (SERIES, [lambda: layers.LSTM(5)], 2 * 6 * 4 * 5 * STEP),
    "lstm, unrolled": (SERIES, [lambda: layers.LSTM(5, unroll=True)], 2 * 6 * 4 * 5 * STEP),
    "gru": (SERIES, [lambda: layers.GRU(5)], 2 * 6 * 3 * 5 * STEP),
    "both directions": (SERIES, [lambda: layers.Bidirectional(layers.LSTM(5))], 2 * 2 * 6 * 4 * 5 * STEP),
    "each step": (SERIES, [lambda: layers.TimeDistributed(layers.Dense(5))], 2 * 6 * 12 * 5),
    "einsum": (SERIES, [lambda: layers.EinsumDense("abc,cd->abd", (None, 5))], 2 * 6 * 12 * 5),
    "no product": (IMAGE, [layers.ReLU, layers.BatchNormalization, layers.GlobalMaxPooling2D], 0),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_costs_two_operations_for_each_multiply_add(name: str) -> None:
    shape, parts, expected = LAYERS[name]
    assert count(shape, *(part() for part in parts)) == expected


def test_attention_is_four_projections_and_two_products() -> None:
    inputs = keras.Input(SERIES)
    outputs = layers.MultiHeadAttention(3, 4)(inputs, inputs, use_causal_mask=True)
    row = keras.ops.zeros((1, *SERIES))
    assert flops(keras.Model(inputs, outputs), row) == 4 * 2 * 6 * 12 * 12 + 2 * 2 * 6 * 6 * 12


def test_texts_of_any_length_are_counted_at_the_length_of_the_data() -> None:
    parts = [layers.Embedding(20, 12, mask_zero=True), layers.LSTM(5)]
    # On PyTorch, Keras takes the first step once more, to see what a masked example keeps.
    steps = 7 if keras.backend.backend() == "torch" else 6
    assert count((None,), *parts, dtype="int32", length=6) == 2 * steps * 4 * 5 * STEP
    assert count((None,), layers.Embedding(20, 12), layers.Conv1D(5, 3), dtype="int32", length=9) == 2 * 7 * 36 * 5


def test_a_model_inside_a_model_counts_as_often_as_it_is_called() -> None:
    inner = keras.Sequential([keras.Input(IMAGE), layers.Conv2D(5, 3, padding="same")])
    one = 2 * 64 * 36 * 5
    assert count(IMAGE, inner, layers.Flatten(), layers.Dense(2)) == one + 2 * 320 * 2
    inputs = keras.Input(IMAGE)
    twice = keras.Model(inputs, layers.Add()([inner(inputs), inner(-inputs)]))
    assert flops(twice, keras.ops.zeros((3, *IMAGE))) == 2 * one


class Own(layers.Layer):  # type: ignore[misc]
    """A layer that computes what the user's function says."""

    def __init__(self, compute: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.compute = compute

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 5))
        super().build(shape)

    def call(self, inputs: Any) -> Any:
        return self.compute(inputs, self.kernel)


@pytest.mark.parametrize(
    "compute",
    [
        keras.ops.matmul,
        lambda x, kernel: keras.ops.einsum("...ij,jk->...ik", x, kernel),
        lambda x, kernel: keras.ops.sum(x[..., None] * kernel, axis=-2),
        lambda x, kernel: keras.ops.tensordot(x, kernel, axes=1),
    ],
    ids=["matmul", "einsum", "a sum of products", "tensordot"],
)
def test_a_layer_of_one_s_own_is_counted_by_what_it_computes(compute: Callable[[Any, Any], Any]) -> None:
    assert count(SERIES, Own(compute)) == 2 * 6 * 12 * 5


def branching(x: Any, kernel: Any) -> Any:
    return keras.ops.cond(keras.ops.sum(x) > 0, lambda: x @ kernel, lambda: x[..., :5])


def test_of_two_branches_the_costlier_one_counts_where_the_backend_knows_both() -> None:
    known = None if keras.backend.backend() == "torch" else 2 * 6 * 12 * 5
    assert count(SERIES, Own(branching)) == known


def repeated(x: Any, kernel: Any) -> Any:
    """Multiply until the numbers are large: how often depends on them."""
    square = kernel @ keras.ops.transpose(kernel)
    return keras.ops.while_loop(lambda y: keras.ops.sum(y) < 9.0, lambda y: (y @ square,), (x,))[0]


def test_what_cannot_be_counted_is_unknown() -> None:
    assert count(SERIES, Own(repeated)) is None
    assert count(SERIES, Own(lambda x, kernel: keras.ops.fft((x, x))[0])) is None


class TwoParts(keras.Model):  # type: ignore[misc]
    """A model of two inputs, whose own training would take them out of one array."""


class Late(keras.Model):  # type: ignore[misc]
    """A model that cannot be called, as a generator and its critic cannot."""


def test_a_model_that_does_not_take_the_rows_is_counted_by_its_declared_inputs() -> None:
    left, right = keras.Input((4,)), keras.Input((8,))
    model = TwoParts([left, right], layers.Dense(3)(layers.Concatenate()([left, right])))
    assert flops(model, keras.ops.zeros((1, 12))) == 2 * 12 * 3
    assert flops(Late(), keras.ops.zeros((1, 12))) is None


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has texts")
def test_a_size_that_the_example_decides_is_taken_from_it() -> None:
    words = layers.TextVectorization(vocabulary=["cat", "dog", "sat"])  # As many numbers as the text has words.
    inputs = keras.Input((), dtype="string")
    hidden = layers.Conv1D(5, 2)(layers.Embedding(9, 3)(words(inputs)))
    model = keras.Model(inputs, layers.GlobalMaxPooling1D()(hidden))
    for text, places in (("cat sat", 1), ("a dog sat down", 3)):
        assert flops(model, keras.ops.convert_to_tensor([text])) == 2 * places * 2 * 3 * 5


def test_inputs_may_be_a_nest() -> None:
    inputs = {"left": keras.Input((3,), name="left"), "right": keras.Input((4,), name="right")}
    outputs = layers.Concatenate()([layers.Dense(2)(inputs["left"]), layers.Dense(5)(inputs["right"])])
    given = {"left": keras.ops.ones((2, 3)), "right": keras.ops.ones((2, 4))}
    assert flops(keras.Model(inputs, outputs), given) == 2 * (3 * 2 + 4 * 5)
