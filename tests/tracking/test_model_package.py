"""A packed model declares its inputs and outputs, carries an example, and needs no code of this project."""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data.dataset import Dataset
from study.data.nest import leaves
from study.engines.cell_folder import NEEDS
from study.space.trial import TrialConfig
from study.task import Fidelity
from study.tracking.model_package import CARD, pack
from study.training.fresh_process import FreshProcess, fresh_process
from study.training.model_answers import predict
from study.training.model_file import ModelFiles
from tests.user_tasks import many_models
from tests.user_tasks.many_models import make

REFERENCE = "tests.user_tasks.many_models:task"
SLOW = pytest.mark.slow
pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType")


@pytest.fixture(scope="module")
def fresh() -> Iterator[FreshProcess]:
    with fresh_process(REFERENCE, modules=("keras", "mlflow.keras")) as process:
        yield process


def packed(name: str, folder: Path, fresh: FreshProcess) -> tuple[Any, Any]:
    """Packs a model of many_models. Returns the model and its inputs."""
    model, inputs = make(name)
    if not model.built and name != "gan":
        model(inputs[:1])
    config = TrialConfig("many", 1, {"kind": name}, {"kind": name}, Fidelity(1, 6, 6), 0, reference=REFERENCE)
    splits = {split: (inputs, np.zeros(len(next(leaves(inputs))))) for split in ("pool", "validation")}
    task: Any = many_models.task
    pack(model, ModelFiles(config, task, Dataset("f", folder, {}, splits), folder, fresh))
    return model, inputs


def test_a_packed_model_declares_what_it_takes_and_needs(smoke: tuple[Path, str]) -> None:
    from mlflow.models import Model

    (description,) = (smoke[0] / "artifacts" / "smoke").rglob("MLmodel")
    model = Model.load(str(description))
    assert model.signature is not None
    assert [spec.shape for spec in model.signature.inputs] == [(-1, 21, 21, 1)]
    assert [spec.shape for spec in model.signature.outputs] == [(-1, 1, 6, 10)]
    example = model.load_input_example(str(description.parent))
    assert example is not None
    assert np.asarray(example).shape == (1, 21, 21, 1)
    names = ("mlflow", "keras", "tensorflow", "numpy")  # MLflow adds itself.
    needed = (description.parent / "requirements.txt").read_text().split()
    assert needed == [f"{name}=={metadata.version(name)}" for name in names]
    assert model.flavors["python_function"]["loader_module"] == "mlflow.keras"


@pytest.mark.parametrize(
    "name",
    [
        "a_lambda",
        *(
            pytest.param(each, marks=SLOW)
            for each in (
                "several_inputs",
                "dict_outputs",
                "texts",
                "deep",
                "a_list",
                "list_outputs",
                "answers_in_texts",
                "bfloat16",
                "fixed_batch",
            )
        ),
    ],
)
def test_a_model_of_any_structure_is_asked_by_name(name: str, fresh: FreshProcess, tmp_path: Path) -> None:
    import mlflow

    model, inputs = packed(name, tmp_path / "packed", fresh)
    assert not (tmp_path / "packed" / NEEDS).exists(), (tmp_path / "packed" / NEEDS).read_text()
    loaded = mlflow.pyfunc.load_model(str(tmp_path / "packed"))
    example = loaded.input_example
    answers = list(leaves(loaded.predict(example)))
    expected = [one[: len(next(leaves(example)))] for one in leaves(predict(model, inputs))]
    assert len(answers) == len(expected)
    if name != "fixed_batch":  # It keeps a state from call to call.
        for answer, other in zip(answers, expected, strict=True):
            assert answer.tolist() == other.tolist() or np.allclose(answer, other.astype(np.float32), atol=1e-2)


def test_a_model_that_takes_any_length_is_asked_at_another_length(fresh: FreshProcess, tmp_path: Path) -> None:
    import mlflow

    packed("any_length", tmp_path / "packed", fresh)
    loaded = mlflow.pyfunc.load_model(str(tmp_path / "packed"))
    assert loaded.predict(np.ones((2, 7), np.int32)).shape == (2, 2)


@pytest.mark.parametrize("name", ["gan", *(pytest.param(each, marks=SLOW) for each in ("own_layers", "tricky"))])
def test_what_mlflow_cannot_load_lies_there_as_files_with_a_card(
    name: str, fresh: FreshProcess, tmp_path: Path
) -> None:
    from mlflow.models import Model

    packed(name, tmp_path / "packed", fresh)
    assert Model.load(str(tmp_path / "packed")).flavors == {}, "MLflow's page would show lines that do not work"
    assert (tmp_path / "packed" / NEEDS).read_text().count("\n") == 1
    assert "```python" in (tmp_path / "packed" / CARD).read_text()
    assert list((tmp_path / "packed").glob("*.keras")) or (tmp_path / "packed" / "model_weights.npz").is_file()
