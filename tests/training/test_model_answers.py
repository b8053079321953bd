"""A trained model is asked: its inputs have the types and the structure that it takes."""

from typing import Any

import keras
import numpy as np
import pytest

from study.data.nest import leaves, map_nest
from study.training.model_answers import declared_like, model_inputs, predict
from tests.user_tasks.many_models import make


def test_inputs_are_numbers_of_the_declared_type_or_texts() -> None:
    late = keras.Model()
    early = keras.Sequential([keras.Input((3,), dtype="int32"), keras.layers.Embedding(9, 2)])
    assert model_inputs(late, np.zeros(3, bool)).dtype == np.float32
    assert model_inputs(late, np.zeros(3, np.uint8)).dtype == np.uint8
    assert model_inputs(early, np.zeros(3, np.uint8)).dtype == np.int32
    assert model_inputs(early, np.array(["a"])).dtype.kind == "U"


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("several_inputs", {"numbers": "float32", "word": "<U5"}),
        ("named_list", {"right": "float32", "left": "float32"}),
        ("a_list", ["float32", "int32"]),
        ("a_tuple", ("float32", "int32")),
        ("deep", {"a": {"b": "float32", "c": ["float32"]}, "d": "int32"}),
    ],
)
def test_each_input_gets_the_type_that_is_declared_in_its_place(name: str, types: Any) -> None:
    model, inputs = make(name)
    wider = map_nest(lambda one: one.astype(np.float64) if one.dtype.kind in "fi" else one, inputs)
    assert map_nest(lambda one: one.dtype.str.replace("<f4", "float32").replace("<i4", "int32"),
                    model_inputs(model, wider)) == types  # fmt: skip
    assert all(one is not None for one in leaves(declared_like(model, inputs)))


def test_a_model_of_one_s_own_declares_nothing() -> None:
    assert declared_like(make("Network"), {"a": np.ones(2), "b": [np.ones(2)]}) == {"a": None, "b": [None]}


def test_answers_have_the_model_s_own_structure() -> None:
    model, inputs = make("dict_outputs")
    assert {name: answer.shape for name, answer in predict(model, inputs).items()} == {"price": (6, 1), "kind": (6, 4)}
    model, inputs = make("texts")
    assert predict(model, inputs).shape == (6, 1)
    model, inputs = make("fixed_batch")
    assert predict(model, inputs).shape == (6, 2)
