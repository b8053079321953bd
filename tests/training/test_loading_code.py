"""The code of a model card: it reads the inputs in the structure that the model takes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data.nest import leaves
from study.data.nest_file import write_arrays
from study.training.loading_code import (
    TEXTS,
    SampleArray,
    SampleFile,
    keras_code,
    mlflow_code,
    quoted,
    rebuilding_code,
)

IMAGES = SampleFile("sample_inputs.npz", SampleArray("inputs", "float32", (28, None)))
AGE, CITY = SampleArray("age", "int32", ()), SampleArray("city", TEXTS, (1,))


def test_a_single_input_is_one_line() -> None:
    assert IMAGES.reading() == 'inputs = np.load("sample_inputs.npz")["inputs"]  # float32 of shape (examples, 28, any)'


def test_named_inputs_are_a_dict_and_texts_become_a_tensor() -> None:
    samples = SampleFile("s.npz", {"age": AGE, 'the "city"': CITY})
    assert samples.reading().splitlines() == [
        'sample = np.load("s.npz")',
        "inputs = {",
        '    "age": sample["age"],  # int32 of shape (examples,)',
        '    "the \\"city\\"": keras.ops.convert_to_tensor(sample["city"]),  # texts of shape (examples, 1)',
        "}",
    ]
    assert "keras" not in samples.reading(tensors=False)


@pytest.mark.parametrize(
    "nest",
    [
        [AGE, CITY],
        (AGE,),
        ({"a": [AGE, None], "b": (CITY, AGE)}, AGE),
        {"it's \n": AGE},
    ],
)
def test_the_lines_give_the_nest(nest: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_arrays(tmp_path / "s.npz", {"age": np.array([1]), "city": np.array(["x"])})
    names: dict[str, Any] = {"np": np}
    exec(SampleFile("s.npz", nest).reading(tensors=False), names)
    given = names["inputs"]
    assert type(given) is type(nest)
    assert [str(one[0]) for one in leaves(given)] == ["1" if one is AGE else "x" for one in leaves(nest)]


def test_a_file_is_loaded_and_asked() -> None:
    assert keras_code(IMAGES, "model.keras").splitlines() == [
        "import keras",
        "import numpy as np",
        "",
        'model = keras.models.load_model("model.keras")',
        IMAGES.reading(),
        "answers = model.predict(inputs)",
    ]
    own = keras_code(
        IMAGES, "a.keras", name="a", objects={"Twice": "digits", "half": "digits"}, options=["safe_mode=False"]
    )
    assert "from digits import Twice, half\n" in own
    loading = 'a = keras.models.load_model("a.keras", custom_objects={"Twice": Twice, "half": half}, safe_mode=False)'
    assert loading in own
    assert own.endswith("answers = a.predict(inputs)")


def test_a_model_of_mlflow_takes_texts_as_they_are() -> None:
    code = mlflow_code(SampleFile("s.npz", {"city": CITY}), "models:/a/1")
    assert 'model = mlflow.pyfunc.load_model("models:/a/1")' in code
    assert "keras" not in code


def test_a_model_is_built_by_the_task_and_asked_if_it_answers() -> None:
    making = ["model = digits.build(units=4)"]
    whole = rebuilding_code(IMAGES, "w.npz", imports=["import digits"], making=making)
    assert whole.startswith("import numpy as np\nimport digits\n\nmodel = digits.build(units=4)\n")
    assert 'model.set_weights(list(np.load("w.npz").values()))\nanswers = model.predict(inputs)' in whole
    assert "predict" not in rebuilding_code(None, "w.npz", imports=["import digits"], making=making)


@pytest.mark.parametrize("text", ["plain", "it's", 'a "b"', "\n\0\u2028", "日本 🐎", "\\"])
def test_a_quoted_text_is_that_text(text: str) -> None:
    assert eval(quoted(text)) == text
