"""A packed model declares its inputs and outputs, carries an example, and needs no code of this project."""

from importlib import metadata
from pathlib import Path

import numpy as np


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
