"""A model's file: what answers in the model is written, and what it needs is known."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.space.trial import TrialConfig
from study.task import Fidelity
from study.training import fresh_opening
from study.training.fresh_opening import FILE, SAMPLE_ANSWERS, SAMPLE_INPUTS
from study.training.model_file import NEEDS, WEIGHTS_FILE, inference_model, opener, own_names, write_file, write_needs

ROWS = np.ones((2, 3), np.float32)


def config(reference: str) -> TrialConfig:
    return TrialConfig("toy", 1, {}, {}, Fidelity(1, 1, 1), 0, reference=reference)


def network(*parts: Any) -> keras.Model:
    return keras.Sequential([keras.Input((3,)), *parts, keras.layers.Dense(2)])


class OwnFit(keras.Model):  # type: ignore[misc]
    def fit(self, *given: Any, **options: Any) -> Any:
        raise NotImplementedError


class OwnCall(keras.Model):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        return -super().call(inputs)


def test_what_trains_a_model_is_left_out_and_what_answers_is_not() -> None:
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(2)(inputs)
    compiled = OwnFit(inputs, outputs)
    compiled.compile(loss="mse")
    assert type(inference_model(compiled)) is type(network().layers[0]) or not inference_model(compiled).compiled
    assert not isinstance(inference_model(compiled), OwnFit)
    own = OwnCall(inputs, outputs)
    assert inference_model(own) is own
    assert inference_model(network()).input_shape == (None, 3)
    several = keras.Model([inputs, keras.Input((1,))], {"a": outputs})
    assert [one.shape for one in inference_model(several).inputs] == [(None, 3), (None, 1)]
    late = keras.Model()
    assert inference_model(late) is late


def test_a_model_that_keras_cannot_write_says_why(tmp_path: Path) -> None:
    class Picky(keras.Model):  # type: ignore[misc]
        def __init__(self, units: Any) -> None:
            super().__init__()

        def call(self, inputs: Any) -> Any:
            return inputs

    (picky := Picky(object()))(ROWS)
    reason = write_file(picky, tmp_path / FILE)
    assert reason.startswith("Keras cannot write it as a file (NotImplementedError: ")
    assert not (tmp_path / FILE).exists()


def test_own_classes_and_functions_are_found_in_the_file(tmp_path: Path) -> None:
    class Twice(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            return 2 * inputs

    def softer(x: Any) -> Any:
        return keras.ops.softplus(x)

    parts = [Twice(), keras.layers.Dense(3, softer), keras.layers.Lambda(lambda x: x), keras.layers.Dense(3, "relu")]
    assert write_file(network(*parts), tmp_path / FILE) == ""
    assert own_names(tmp_path / FILE) == ["Twice", "softer", "lambda"]
    write_needs(network(*parts), tmp_path, "TypeError: no")
    assert (tmp_path / NEEDS).read_text() == "it needs the task's own Twice, softer, lambda: TypeError: no\n"
    with np.load(tmp_path / WEIGHTS_FILE) as weights:
        assert [array.shape for array in weights.values()] == [(3, 3), (3,), (3, 3), (3,), (3, 2), (2,)]
    assert own_names(tmp_path / "none") == []


def test_weights_of_half_precision_are_written_as_floats(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="bfloat16")])
    write_needs(model, tmp_path, "no")
    with np.load(tmp_path / WEIGHTS_FILE) as weights:
        assert {array.dtype.name for array in weights.values()} == {"float32"}


def test_the_opening_process_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / SAMPLE_INPUTS, ROWS)
    np.savez(tmp_path / SAMPLE_ANSWERS, np.zeros((2, 2)))
    with opener(config("my_project.fashion:task"), tmp_path, FILE) as opened:
        write_file(network(), tmp_path / FILE)
        assert opened() == "the opened model gives other answers than the trained one"


def test_a_process_that_ends_early_is_not_taken_for_a_file_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "script.py").write_text("import sys; sys.exit(7)")
    monkeypatch.setattr(fresh_opening, "__file__", str(tmp_path / "script.py"))
    with opener(config("qr_digits"), tmp_path, FILE) as opened:
        assert opened() == "the process that opened it ended with exit status 7"
