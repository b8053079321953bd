"""What is read from a trial and written into one that was built anew makes both the same."""

import json
import types
from typing import Any

import keras
import numpy as np
import pytest

from study.training.checkpoint import Saved
from study.training.training_state import Holders, TrainingState, weights_digest


class Helper:
    """An object of the user's, in which Keras does not look."""

    def __init__(self) -> None:
        self.generator = keras.random.SeedGenerator(1)
        self.count = 0


class Layer(keras.layers.Layer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.helper = Helper()
        self.chance = np.random.default_rng(0)

    def call(self, x: Any) -> Any:
        return x


class Callback(keras.callbacks.Callback):  # type: ignore[misc]
    def __init__(self, data: np.ndarray) -> None:
        super().__init__()
        self.data, self.kept = data, None


def network() -> keras.Model:
    shift = keras.Variable(0.0)
    model = keras.Sequential(
        [keras.Input((2,)), Layer(), keras.layers.Lambda(lambda x: x + shift), keras.layers.Dense(1, dtype="bfloat16")]
    )
    model.compile(keras.optimizers.Adam(0.1), "mse")
    model.optimizers = [keras.optimizers.SGD(0.1, momentum=0.9)]
    return model


def holders(data: np.ndarray) -> tuple[Holders, TrainingState]:
    module = types.ModuleType("mine")
    vars(module).update(count=0, table=list(range(20_000)))
    holding = Holders(network(), [Callback(data)], {"mine.py": module})
    return holding, TrainingState(holding)


def change(holding: Holders) -> None:
    """What an epoch might change."""
    model: Any = holding.model
    model.optimizers[0].build(model.trainable_variables)
    model.optimizer.build(model.trainable_variables)
    for variable in (*model.variables, *model.optimizer.variables, *model.optimizers[0].variables):
        if variable.dtype != "uint32":
            variable.assign(variable + 1)
    layer, shifted = model.layers[:2]
    shifted.function.__closure__[0].cell_contents.assign(3.0)
    layer.helper.count, layer.helper.generator.state = 5, layer.helper.generator.state
    layer.helper.generator.next()
    layer.chance.random()
    holding.callbacks[0].kept = [np.ones(3), {"best": 0.5}]
    holding.callbacks[0].later = 7
    vars(holding.modules["mine.py"])["count"] = 4


def through_json(saved: Saved) -> Saved:
    return Saved(saved.arrays, json.loads(json.dumps(saved.about)))


def test_everything_comes_back(tmp_path: Any) -> None:
    data = np.zeros(1000)
    (first, state), (second, again) = holders(data), holders(data.copy())
    change(first)
    saved = through_json(state.read())
    assert not any(array.shape == (1000,) for array in saved.arrays)
    assert again.missing(saved) == []
    assert again.write(saved) == []
    assert weights_digest(first.model) == weights_digest(second.model)
    assert json.dumps(again.read().about) == json.dumps(state.read().about)
    for one, other in zip(again.read().arrays, state.read().arrays, strict=True):
        assert one.tobytes() == other.tobytes()
    model: Any = second.model
    assert model.optimizers[0].built
    assert model.layers[0].helper.count == 5
    assert second.callbacks[0].later == 7
    assert vars(second.modules["mine.py"])["count"] == 4


def test_what_does_not_fit_is_named() -> None:
    (_, state), (second, again) = holders(np.zeros(1)), holders(np.zeros(1))
    saved = through_json(state.read())
    second.model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(5)])
    second.model.compile("sgd", "mse")
    assert any("has the shape (2, 5), and had" in problem for problem in again.write(saved))


def test_a_value_that_cannot_be_saved_must_be_the_same_again() -> None:
    (first, state), (second, again) = holders(np.zeros(1)), holders(np.zeros(1))
    first.callbacks[0].kept, second.callbacks[0].kept = iter([1]), iter([1])
    assert again.write(through_json(state.read())) == []
    second.callbacks[0].kept = iter([2])
    assert again.write(through_json(state.read())) == ["callbacks[0].kept, a list_iterator, cannot be saved"]


def test_an_array_is_saved_only_if_training_changed_it() -> None:
    holding, state = holders(np.zeros(1000))
    holding.callbacks[0].data[3] = 1
    assert any(array.shape == (1000,) for array in state.read().arrays)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_digest_follows_the_weights(dtype: str) -> None:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, dtype=dtype)])
    before = weights_digest(model)
    assert weights_digest(model) == before
    model.weights[1].assign([0.5])
    assert weights_digest(model) != before
