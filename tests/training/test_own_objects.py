"""Own classes and functions in a Keras file."""

from pathlib import Path

import keras
import pytest

from study.training.own_objects import own_objects
from tests.user_tasks import many_models
from tests.user_tasks.many_models import make

HERE = many_models.__name__


@pytest.mark.parametrize(
    ("name", "modules", "lambdas"),
    [
        ("plain", {}, False),
        ("own_layers", {"Twice": HERE, "Thrice": HERE, "softer": "builtins"}, False),
        ("own_layers_and_lambda", {"Twice": HERE}, True),
        ("hidden_class", {"Inner": HERE}, False),
    ],
)
def test_they_are_known_with_their_modules(name: str, modules: dict[str, str], lambdas: bool, tmp_path: Path) -> None:
    model, _ = make(name)
    model.save(tmp_path / "model.keras")
    own = own_objects(tmp_path / "model.keras")
    assert (own.modules, own.lambdas) == (modules, lambdas)
    assert own.names == [*modules, *(["lambda"] if lambdas else [])]


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert own_objects(tmp_path / "none").names == []


def test_functions_of_keras_are_not_among_them(tmp_path: Path) -> None:
    layers = [keras.Input((3,)), keras.layers.Dense(2, "relu"), keras.layers.Activation(keras.activations.gelu)]
    keras.Sequential(layers).save(tmp_path / "model.keras")
    assert own_objects(tmp_path / "model.keras").names == []
