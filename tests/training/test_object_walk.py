"""A walk finds the variables and values that training may change, each once and at the same place in each run."""

import functools
import json
from types import ModuleType
from typing import Any

import keras
import numpy as np

from study.training.object_walk import Walk, is_users_class


class Finds:
    """Notes the paths of what it is shown."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.variables: list[str] = []
        self.optimizers: list[str] = []
        self.others: list[str] = []

    def value(self, path: str, value: Any, put: Any) -> None:
        self.values[path] = value

    def variable(self, path: str, variable: Any) -> None:
        self.variables.append(path)

    def optimizer(self, path: str, optimizer: Any) -> None:
        self.optimizers.append(path)

    def owner(self, path: str, owner: Any) -> None:
        """Its attributes come next."""

    def other(self, path: str, value: Any) -> None:
        self.others.append(path)


class Own(keras.Model):  # type: ignore[misc]
    """A model that keeps things in many places."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.step, self._secret = 0, 1
        self.pair = {"d": keras.optimizers.SGD(0.1), "g": [keras.random.SeedGenerator(1)]}
        self.tracker = keras.metrics.Mean("mine")

    def call(self, x: Any) -> Any:
        return self.dense(x)


def found(model: Any) -> Finds:
    finds = Finds()
    Walk(finds).model("model", model)
    return finds


def test_a_model_s_own_state_is_found_and_keras_s_own_attributes_are_not() -> None:
    model = Own()
    model.compile("adam", "mse")
    finds = found(model)
    assert {path: value for path, value in finds.values.items() if path != "model.loss"} == {
        "model.layers[0].step": 0, "model.layers[0]._secret": 1
    }  # fmt: skip
    assert finds.optimizers == ["model.optimizer", "model.layers[0].pair['d']"]
    assert "model.layers[0].pair['g'][0]" in finds.variables
    assert sum(path.startswith("model.metrics") for path in finds.variables) == 4
    assert len(finds.variables) == len(set(finds.variables))


def test_keras_s_own_models_hold_variables_only() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((2, 2)), np.ones((2, 1)), verbose=0)
    finds = found(model)
    assert set(finds.values) == {"model.loss"}
    assert [path for path in finds.variables if path.startswith("model.variables")] == [
        f"model.variables[{number}]" for number in range(6)
    ]


def test_what_functions_keep_is_found() -> None:
    counts, generator = [1], keras.random.SeedGenerator(1)

    def loss(true: Any, answer: Any, factor: Any = 1) -> Any:
        return counts[0] + generator.next()

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", functools.partial(loss, factor=2))
    finds = found(model)
    assert finds.values["model.loss.given[0].counts"] == [1]
    assert "model.loss.given[0].generator" in finds.variables


def test_objects_are_taken_apart_only_if_their_class_is_the_user_s() -> None:
    assert is_users_class(Own)
    assert not is_users_class(keras.Model)
    assert not is_users_class(dict)
    holder = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None)
    holder.thing, holder.itself = object(), holder
    finds = Finds()
    Walk(finds).owner("callback", holder, but=("_model", "params"))
    assert finds.others == ["callback.thing"]


def test_a_module_s_values_are_found_unless_they_are_large_or_code() -> None:
    module = ModuleType("mine")
    large = list(range(20_000))
    vars(module).update(count=3, Alias=list[int], json=json, kind=Own, large=large, chance=np.random.default_rng(0))
    finds = Finds()
    Walk(finds).module("module mine", module)
    assert set(finds.values) == {"module mine.count", "module mine.chance"}
