"""The untrained model of a trial: its seed, its batches and its steps; and what is refused in its place."""

import dataclasses
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.data.stored_array import PackedBools
from study.errors import TaskError
from study.space.function_task import FunctionTask
from study.space.task_loading import load_task
from study.space.tried_levels import tried_levels
from study.task import Fidelity, Settings
from study.training.new_model import batch_size, build, steps
from tests.handwritten import Handwritten
from tests.in_process import trained
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


@pytest.mark.parametrize(
    ("level", "computes"), [("mixed_bfloat16", "bfloat16"), ("mixed_float16", "float16"), (3, "float32")]
)
def test_a_model_computes_in_the_precision_of_its_trial(level: Any, computes: str) -> None:
    task = Handwritten()
    settings = {**{name: setting.default for name, setting in task.settings.items()}, "precision": level}
    try:
        model = build(task, config(settings=settings, defaults=settings), EXAMPLES)
    finally:
        keras.config.set_dtype_policy("float32")
    assert {layer.compute_dtype for layer in model.layers} == {computes}
    assert {weight.dtype for weight in model.weights} == {"float32"}


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


def test_names_of_metrics_in_the_place_of_weights_are_named_with_the_way_out() -> None:
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    with pytest.raises(
        TaskError, match=r"returned a Sequential model compiled with loss_weights=\['accuracy'\], .*metrics=\["
    ):
        build(Returning(model), config(), EXAMPLES)


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


FUNCTIONS = """\
import keras
import numpy as np

def data(count: int = 50):
    x = np.random.default_rng(0).standard_normal((count, 64))
    return {"pool": (x > 0, x.sum(axis=1)), "validation": (x[:5] > 0, x[:5].sum(axis=1))}

def build(units: int = 3, *, steps, epochs, train):
    build.given = units, steps, epochs, train
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model
"""


def test_a_function_is_handed_the_steps_the_epochs_and_the_examples(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(FUNCTIONS)
    task = load_task("./own.py", folder=tmp_path)
    assert isinstance(task, FunctionTask)
    pool = PackedBools.pack(EXAMPLES[0] > 0), EXAMPLES[1]
    asked = config(settings={"count": 50, "units": 4, "batch_size": 16}, fidelity=Fidelity(2))
    build(task, asked, pool)
    units, steps_given, epochs, train = task.module().build.given
    assert (units, steps_given, epochs) == (4, 2 * 3, 2)
    assert [type(array) for array in train] == [np.ndarray, np.ndarray]
    assert train[0].dtype == bool


def test_a_file_of_functions_gives_the_numbers_of_a_class(tmp_path: Path) -> None:
    """The same data, model and budget, once as plain functions and once as a class with all its parts."""
    (tmp_path / "own.py").write_text(FUNCTIONS)
    (tmp_path / "theirs.py").write_text(f"{FUNCTIONS}{CLASS}")
    curves: list[Any] = []
    for reference in ("own.py", "theirs.py:theirs"):
        tried = tried_levels(str(tmp_path / reference))
        asked = dataclasses.replace(tried.baseline, fidelity=tried.baseline.fidelity.counted({"pool": 50}))
        folder = tmp_path / str(len(curves))
        folder.mkdir()
        curves.append(trained(asked, folder).curve)
    assert len(curves[0]) == 1
    assert curves[0] == curves[1]


CLASS = """
from study.task import Fidelity, Setting
class Theirs:
    name, version, fidelity = "theirs", 1, Fidelity(1, 50, 5)
    settings = {"count": Setting(50, part="data"), "units": Setting(3), "batch_size": Setting(32, part="training")}
    def problems(self, settings): return []
    def data(self, settings, progress): return data(settings["count"])
    def build(self, settings, *, steps): return build(settings["units"], steps=steps, epochs=1, train=None)
theirs = Theirs()
"""
