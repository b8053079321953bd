"""A trained model as files: the code of its card was run where the task is not known, or says what it takes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.data.dataset import Dataset
from study.data.nest import leaves
from study.space.trial import TrialConfig
from study.task import Fidelity
from study.training.fresh_process import FreshProcess, fresh_process
from study.training.model_file import FILE, WEIGHTS_FILE, Loading, ModelFiles, write_file, write_model, write_weights
from tests.user_tasks import many_models
from tests.user_tasks.many_models import make

REFERENCE = "tests.user_tasks.many_models:task"
ALONE = "It needs Keras 3 and no code of the study."


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshProcess]:
    with fresh_process(REFERENCE) as process:
        yield process


def written(name: str, folder: Path, fresh: FreshProcess) -> Loading:
    """Write a model of many_models into a folder. Returns how it is loaded."""
    model, inputs = make(name)
    if not model.built and name not in ("unanswering", "gan"):
        model(inputs[:1])
    config = TrialConfig("many", 1, {"kind": name}, {"kind": name}, Fidelity(1, 6, 6), 0, reference=REFERENCE)
    splits = {split: (inputs, np.zeros(len(next(leaves(inputs))))) for split in ("pool", "validation")}
    data = Dataset("f", folder, {"pool": 6, "validation": 6}, splits)
    task: Any = many_models.task
    return write_model(model, ModelFiles(config, task, data, folder, fresh))


def code(loading: Loading) -> str:
    """Returns the only piece of code in a card."""
    (piece,) = loading.text.split("```python\n")[1:]
    return piece.partition("```")[0]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("several_inputs", '"word": keras.ops.convert_to_tensor(sample["word"]),  # texts of shape (examples, 1)'),
        ("named_list", '"left": sample["left"],  # float32 of shape (examples, 3)'),
        ("a_list", 'sample["1"],  # int32 of shape (examples, 4)'),
        ("a_tuple", "inputs = ("),
        ("deep", 'sample["a/c/0"],  # float32 of shape (examples, 3)'),
        ("dict_outputs", 'inputs = np.load("sample_inputs.npz")["inputs"]  # float32 of shape (examples, 3)'),
        ("list_outputs", 'load_model("model.keras")'),
        ("texts", 'keras.ops.convert_to_tensor(np.load("sample_inputs.npz")["inputs"])  # texts of shape (examples,)'),
        ("answers_in_texts", "# int64 of shape (examples, 4)"),
        ("any_length", "# int32 of shape (examples, any)"),
        ("fixed_batch", "# float32 of shape (examples, 4, 1)"),
        ("mixed", "# float32 of shape (examples, 3)"),
        ("bfloat16", "# float32 of shape (examples, 3)"),
        ("truths", "# float32 of shape (examples, 3)"),
        ("bytes_of_images", "# float32 of shape (examples, 3)"),
    ],
)
def test_a_model_of_keras_s_own_parts_opens_alone(name: str, line: str, fresh: FreshProcess, tmp_path: Path) -> None:
    loading = written(name, tmp_path, fresh)
    assert loading.needs == ""
    assert loading.text.endswith(ALONE)
    assert line in code(loading)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "sample_inputs.npz"]


@pytest.mark.parametrize(
    ("name", "needs", "line"),
    [
        ("a_lambda", "it needs the task's own lambda: ", 'load_model("model.keras", safe_mode=False)'),
        ("own_layers", "it needs the task's own Twice, Thrice, softer: ", 'custom_objects={"Twice": Twice, "Thrice": '),
        ("own_layers_and_lambda", "it needs the task's own Twice, lambda: ", '{"Twice": Twice}, safe_mode=False)'),
        ("drawing", "it needs the task's own Sampling: ", 'custom_objects={"Sampling": Sampling})'),
        ("subclassed", "it needs the task's own Network: ", 'custom_objects={"Network": Network})'),
        ("forgetful", "it needs the task's own Forgetful: ", "model = task.build({'kind'"),
        ("hidden_class", "it needs the task's own Inner: ", "model = task.build({'kind'"),
        ("tricky", "Keras cannot write it as a file (NotImplementedError: ", "model = task.build({'kind'"),
    ],
)
def test_a_model_with_own_code_says_what_it_takes_and_opens_with_it(
    name: str, needs: str, line: str, fresh: FreshProcess, tmp_path: Path
) -> None:
    loading = written(name, tmp_path, fresh)
    assert loading.needs.startswith(needs)
    assert "\n" not in loading.needs
    assert line in code(loading)
    assert "could not be run" not in loading.text, loading.text


def test_a_model_without_answers_leaves_its_weights(fresh: FreshProcess, tmp_path: Path) -> None:
    loading = written("unanswering", tmp_path, fresh)
    assert loading.needs.startswith("it gives no answers (NotImplementedError: ")
    assert (tmp_path / WEIGHTS_FILE).is_file()


def test_a_model_without_call_is_written_by_its_parts(fresh: FreshProcess, tmp_path: Path) -> None:
    loading = written("gan", tmp_path, fresh)
    reason = "the class Gan has no `call`, so that the model answers by its parts alone: generator, discriminator"
    assert loading.needs == reason
    generator, discriminator = loading.text.split("### ")[1:]
    assert 'generator = keras.models.load_model("generator.keras")' in generator
    assert "The sample inputs are drawn at random" in generator
    assert 'np.load("discriminator_sample_inputs.npz")["inputs"]  # float32 of shape (examples, 3)' in discriminator
    assert "drawn" not in discriminator
    assert generator.count(ALONE) == discriminator.count(ALONE) == 1


def test_a_model_that_keras_cannot_write_says_why(tmp_path: Path) -> None:
    model, inputs = make("tricky")
    model(inputs)
    assert write_file(model, tmp_path / FILE).startswith("Keras cannot write it as a file (NotImplementedError: ")
    assert not (tmp_path / FILE).exists()


def test_weights_of_half_precision_are_written_as_floats(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="bfloat16")])
    write_weights(model, tmp_path / WEIGHTS_FILE)
    with np.load(tmp_path / WEIGHTS_FILE) as weights:
        assert {array.dtype.name for array in weights.values()} == {"float32"}
        assert [array.shape for array in weights.values()] == [(3, 2), (2,)]
