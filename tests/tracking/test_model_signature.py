"""A signature declares each array by its name, and leaves open what the model leaves open."""

from pathlib import Path
from typing import Any

import pytest

from study.tracking.model_signature import model_signature
from study.training.model_answers import predict
from study.training.model_samples import sample_inputs, write_inputs
from tests.user_tasks.many_models import make


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("plain", [(None, "float32", (-1, 3))], [(None, "float32", (-1, 2))]),
        ("several_inputs", [("numbers", "float32", (-1, 3)), ("word", "str", (-1, 1))], [(None, "float32", (-1, 2))]),
        ("a_list", [("0", "float32", (-1, 3)), ("1", "int32", (-1, 4))], [(None, "float32", (-1, 1))]),
        (
            "dict_outputs",
            [(None, "float32", (-1, 3))],
            [("price", "float32", (-1, 1)), ("kind", "float32", (-1, 4))],
        ),
        ("list_outputs", [(None, "float32", (-1, 3))], [("0", "float32", (-1, 1)), ("1", "float32", (-1, 1))]),
        ("any_length", [(None, "int32", (-1, -1))], [(None, "float32", (-1, 2))]),
        ("texts", [(None, "str", (-1,))], [(None, "float32", (-1, 1))]),
        ("answers_in_texts", [(None, "int64", (-1, 4))], [(None, "str", (-1, 4))]),
        ("subclassed", [(None, "float32", (-1, 3))], [(None, "float32", (-1, 2))]),
        ("bfloat16", [(None, "float32", (-1, 3))], [(None, "float32", (-1, 2))]),
    ],
)
def test_it_names_every_array(name: str, inputs: Any, outputs: Any, tmp_path: Path) -> None:
    model, given = make(name)
    given = sample_inputs(model, given)
    answers = predict(model, given)
    signature = model_signature(model, write_inputs(model, given, tmp_path / "s.npz").arrays, answers)

    def facts(schema: Any) -> list[Any]:
        return [(one.name, one.type.name.rstrip("0"), one.shape) for one in schema.inputs]

    assert sorted(facts(signature.inputs), key=str) == sorted(inputs, key=str)
    assert sorted(facts(signature.outputs), key=str) == sorted(outputs, key=str)
