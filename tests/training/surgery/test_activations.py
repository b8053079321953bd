"""Activations exchanged, wherever a layer keeps its own."""

from typing import Any

import keras
import pytest

from study.space.rules import ACTIVATIONS
from study.training.surgery.activations import answering, exchange, hidden
from study.training.surgery.layer_names import NamedLayer, all_layers
from study.training.surgery.misfit import MisfitError
from tests.training.surgery.models import nested, residual


def test_keras_has_every_activation_that_a_file_may_name() -> None:
    for name in ACTIVATIONS:
        assert callable(keras.activations.get(name))


@pytest.mark.parametrize("layer", [keras.layers.Dense(2), keras.layers.Activation("relu"), keras.layers.LSTM(2)])
def test_an_activation_is_exchanged_in_place(layer: Any) -> None:
    assert exchange([NamedLayer("a", layer)], "gelu") == {}
    assert getattr(layer, "cell", layer).activation is keras.activations.gelu


@pytest.mark.parametrize("kind", [keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.PReLU, keras.layers.ELU])
def test_a_layer_that_is_an_activation_is_replaced_under_its_name(kind: Any) -> None:
    layer = kind(name="mine")
    replaced = exchange([NamedLayer("mine", layer)], "silu")
    assert replaced[id(layer)].name == "mine"
    assert replaced[id(layer)].activation is keras.activations.silu


def test_a_layer_without_an_activation_is_refused() -> None:
    for layer in (keras.layers.Flatten(name="flat"), keras.layers.BatchNormalization(name="flat")):
        with pytest.raises(MisfitError, match="deep/flat has no activation"):
            exchange([NamedLayer("deep/flat", layer)], "gelu")


def test_gates_and_answers_are_not_hidden_activations() -> None:
    model = residual()
    assert [named.path for named in hidden(model, all_layers(model))] == ["block_1"]
    assert [layer.name for layer in answering(model)] == ["answer"]
    assert [layer.name for layer in answering(nested().get_layer("backbone"))] == ["pool"]
