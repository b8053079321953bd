"""A script: opens a model's file in a process that knows neither the task nor this package, and asks the model.

It runs with a folder, the kind of the file, and the names of modules that it must not import. It imports what the kind
needs, and then waits for a line, so that it can start while the file is still being written. It prints what is wrong;
nothing if the file opens and answers as the model did. It imports nothing of this package.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

FILE, PACKAGE = "model.keras", "packed"
"""In the folder: the file of Keras, and MLflow's folder. These are the kinds."""
INPUTS, ANSWERS = "sample_inputs.npy", "sample_answers.npz"
"""In the folder: a few inputs, and the model's answers to them, one array for each output."""
_CLOSE = {"rtol": 1e-4, "atol": 1e-5}
_LETTERS = 300


def _open(path: Path) -> Any:
    if path.name == FILE:
        import keras

        return keras.models.load_model(path)
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(path))


def _problem(folder: Path, kind: str) -> str:
    """Returns what is wrong with a file, in one line; an empty text if nothing is."""
    import keras

    try:
        model, inputs = _open(folder / kind), np.load(folder / INPUTS)
        answers = keras.tree.flatten(model.predict(inputs))
    except BaseException as error:  # Whatever it is, the reader of the card would see it too.
        text = " ".join(str(error).split())
        return f"{type(error).__name__}: {text}".rstrip(": ")[:_LETTERS]
    with np.load(folder / ANSWERS) as saved:
        expected = [saved[name] for name in saved.files]
    same = len(expected) == len(answers) and all(
        np.shape(one) == other.shape and np.allclose(one, other, equal_nan=True, **_CLOSE)
        for one, other in zip(answers, expected, strict=True)
    )
    return "" if same else "it opens, but answers otherwise than the model did"


def _main(folder: Path, kind: str, hidden: list[str]) -> None:
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # Python then refuses to import it.
    import keras  # noqa: F401

    if kind == PACKAGE:
        import mlflow.pyfunc  # noqa: F401
    sys.stdin.readline()
    print(_problem(folder, kind))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
