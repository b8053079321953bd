"""Sample inputs, and a model's answers to them, as files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data.nest import leaves, map_nest
from study.training.answering_model import inference_model
from study.training.fresh_opening import RANDOM
from study.training.model_samples import part_inputs, sample_inputs, sample_names, write_answers, write_inputs
from tests.user_tasks import many_models
from tests.user_tasks.many_models import make


@pytest.mark.parametrize(
    ("nest", "names"),
    [
        (1, "inputs"),
        ([1, (1, 1)], ["0", ("1/0", "1/1")]),
        ({"file": 1, "a": {"b": 1}}, {"file": "file", "a": {"b": "a/b"}}),
        ({"a/b": 1, "a": {"b": 1}}, {"a/b": "input_0", "a": {"b": "input_1"}}),
        ({"a\0": 1}, {"a\0": "input_0"}),
        ([1, None], ["0", None]),
    ],
)
def test_each_array_has_a_name_of_its_own(nest: Any, names: Any) -> None:
    assert sample_names(nest) == names


def test_a_sample_has_a_few_rows_or_a_whole_batch() -> None:
    for name, rows in (("plain", 4), ("several_inputs", 4), ("fixed_batch", 2)):
        model, inputs = make(name)
        assert {len(one) for one in leaves(sample_inputs(model, inputs))} == {rows}
    model, inputs = make("plain")
    assert len(sample_inputs(model, inputs[:3])) == 4  # From the beginning again.


def test_the_file_says_type_and_shape_of_each_input(tmp_path: Path) -> None:
    model, inputs = make("several_inputs")
    samples = write_inputs(model, sample_inputs(model, inputs), tmp_path / "s.npz")
    assert map_nest(lambda one: one.words, samples.arrays) == {
        "numbers": "float32 of shape (examples, 3)",
        "word": "texts of shape (examples, 1)",
    }
    with np.load(tmp_path / "s.npz") as saved:
        assert np.array_equal(saved["word"], many_models.WORDS[:4])


def test_answers_that_are_random_are_marked(tmp_path: Path) -> None:
    model, inputs = make("drawing")
    assert write_answers(model, inputs, tmp_path / "a.npz") == ""
    with np.load(tmp_path / "a.npz") as saved:
        assert saved.files == ["0", f"1{RANDOM}"]


def test_a_model_without_answers_says_why(tmp_path: Path) -> None:
    model, inputs = make("unanswering")
    assert write_answers(model, inputs, tmp_path / "a.npz").startswith("it gives no answers (NotImplementedError: ")


def test_a_part_that_takes_other_inputs_than_the_data_gets_drawn_ones() -> None:
    gan, inputs = make("gan")
    given, note = part_inputs(inference_model(gan.discriminator), inputs)
    assert np.array_equal(given, inputs[:4])
    assert note == ""
    drawn, note = part_inputs(inference_model(gan.generator), inputs)
    assert (drawn.shape, drawn.dtype) == ((4, 5), np.float32)
    assert "drawn at random" in note
