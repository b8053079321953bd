"""The loader that lies in a logged model: it asks the model with an array for each name."""

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest

from study.data.nest import leaves, map_nest, to_json
from study.tracking.keras_answers import ASKING, FILE, _load_pyfunc
from study.training.model_answers import predict
from study.training.model_samples import sample_names
from tests.user_tasks.many_models import make


def loaded(folder: Path, model: Any, structure: Any, *, safe: bool = True) -> Any:
    (folder / FILE).parent.mkdir()
    model.save(folder / FILE)
    (folder / ASKING).write_text(json.dumps({"safe": safe, "inputs": structure}))
    return _load_pyfunc(str(folder))


@pytest.mark.parametrize("name", ["several_inputs", "a_list", "a_tuple", "deep"])
def test_named_arrays_come_into_their_places(name: str, tmp_path: Path) -> None:
    model, inputs = make(name)
    names = sample_names(inputs)
    given = dict(zip(leaves(names), leaves(inputs), strict=True))
    answers = loaded(tmp_path, model, to_json(names)).predict(given)
    assert np.allclose(answers, predict(model, inputs))


def test_texts_come_as_arrays_of_texts_or_objects_or_as_a_frame(tmp_path: Path) -> None:
    model, inputs = make("texts")
    asked, expected = loaded(tmp_path, model, None), predict(model, inputs)
    for given in (inputs, inputs.astype(object), pd.Series(inputs)):
        assert np.allclose(asked.predict(given), expected)


def test_answers_keep_their_structure_and_are_arrays_that_numpy_knows(tmp_path: Path) -> None:
    model, inputs = make("dict_outputs")
    answers = loaded(tmp_path, model, None).predict(inputs)
    assert map_nest(lambda one: type(one).__name__, answers) == {"price": "ndarray", "kind": "ndarray"}
    half = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="bfloat16")])
    (other := tmp_path / "half").mkdir()
    assert loaded(other, half, None).predict(inputs).dtype == np.float32


def test_code_in_the_file_is_run_if_the_model_was_logged_with_it(tmp_path: Path) -> None:
    model, inputs = make("a_lambda")
    assert np.allclose(loaded(tmp_path, model, None, safe=False).predict(inputs), predict(model, inputs))
