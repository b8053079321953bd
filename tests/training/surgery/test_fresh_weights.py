"""Weights drawn anew, for every kind of layer that Keras can make again."""

from typing import Any

import keras
import numpy as np
import pytest

from study.training.surgery.fresh_weights import draw_anew
from study.training.surgery.misfit import MisfitError
from tests.training.surgery.models import nested


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: keras.layers.Dense(3), (2, 4)),
        (lambda: keras.layers.SeparableConv1D(3, 2), (2, 5, 4)),
        (lambda: keras.layers.LSTM(3), (2, 5, 4)),
        (lambda: keras.layers.Bidirectional(keras.layers.GRU(3)), (2, 5, 4)),
        (lambda: keras.layers.TimeDistributed(keras.layers.Dense(3)), (2, 5, 4)),
        (lambda: keras.layers.Embedding(9, 3), (2, 5)),
        (lambda: keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)]), (2, 4)),
    ],
)
def test_weights_follow_from_the_seed(layer: Any, shape: tuple[int, ...]) -> None:
    made = layer()
    made(np.zeros(shape, "float32"))
    drawn = []
    for seed in (1, 1, 2):
        assert draw_anew(made, seed=seed) == made.weights
        drawn.append(np.concatenate([np.ravel(weight) for weight in made.get_weights()]))
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_a_norm_forgets_what_it_has_seen_and_attention_is_drawn_too() -> None:
    norm = keras.layers.BatchNormalization()
    norm(np.full((4, 2), 9.0, "float32"), training=True)
    draw_anew(norm, seed=1)
    assert norm.moving_mean.numpy().tolist() == [0.0, 0.0]
    attention = keras.layers.MultiHeadAttention(2, 3)
    attention(np.zeros((1, 4, 6), "float32"), np.zeros((1, 4, 6), "float32"))
    before = attention.get_weights()[0]
    draw_anew(attention, seed=2)
    assert not np.array_equal(attention.get_weights()[0], before)


def test_a_whole_model_inside_a_model_is_drawn_anew() -> None:
    backbone = nested().get_layer("backbone")
    before = backbone.get_weights()[0]
    draw_anew(backbone, seed=1)
    assert not np.array_equal(backbone.get_weights()[0], before)


class Own(keras.layers.Layer):  # type: ignore[misc]
    """A layer that Keras cannot make again, because its configuration lacks an argument."""

    def __init__(self, units: int) -> None:
        super().__init__(name="own")
        self.inner = keras.layers.Dense(units)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


def test_what_keras_cannot_make_again_is_refused() -> None:
    own = Own(3)
    own(np.zeros((2, 4), "float32"))
    with pytest.raises(MisfitError, match="own cannot be made again: "):
        draw_anew(own, seed=1)
    measured = keras.layers.Normalization(name="measured")
    measured.adapt(np.arange(6.0).reshape(3, 2))
    with pytest.raises(MisfitError, match=r"measured got its weights from the data, by adapt\(\)"):
        draw_anew(measured, seed=1)
