"""A script that opens a model's file where neither the task nor this package is known, and compares the answers.

It takes a folder, the kind of the file, the folders of the packages that it needs, and the modules that it must not
import. It imports Keras at once and then waits for a line, so that it can start while the file is still being written.
Its last line is JSON: what is wrong, or an empty text.
"""

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np

FILE, PACKAGE = "model.keras", "packed"
"""The kinds of files, by their names in the folder: Keras's own file, and the folder that MLflow loads."""
SAMPLE_INPUTS, SAMPLE_ANSWERS = "sample_inputs.npy", "sample_answers.npz"
"""Files in the folder: a few inputs, and the model's answers to them, one array for each output."""
_RELATIVE, _ABSOLUTE = 1e-4, 1e-5
"""How far an answer may be from the model's own, because the file may be compiled in another way."""
_LETTERS = 200
_LACKING = re.compile(r"Could not locate [^.]*")
"""What Keras says about a class or a function that it does not know, in the middle of a long text."""


def problem(folder: Path, kind: str) -> str:
    """Returns in one line what is wrong with a file, or an empty text if it answers as the model did."""
    import keras

    try:
        inputs = np.load(folder / SAMPLE_INPUTS)
        texts = inputs.dtype.kind in "US"
        model = _open(folder / kind, texts=texts)
        # Keras takes no texts of NumPy's.
        answers = keras.tree.flatten(model.predict(keras.ops.convert_to_tensor(inputs) if texts else inputs))
    except Exception as error:  # The reader of the model card would meet it, too, whatever it is.
        return brief(error)
    with np.load(folder / SAMPLE_ANSWERS) as saved:
        expected = [saved[name] for name in saved.files]
    alike = len(answers) == len(expected) and all(
        np.shape(answer) == other.shape and np.allclose(answer, other, _RELATIVE, _ABSOLUTE, equal_nan=True)
        for answer, other in zip(answers, expected, strict=True)
    )
    return "" if alike else "the opened model gives other answers than the trained one"


def brief(error: BaseException) -> str:
    """Returns an error in one line that is not too long. An error without a text is known by its type."""
    text = " ".join(str(error).split())
    if lacking := _LACKING.search(text):
        text = lacking[0]
    elif len(text) > _LETTERS:
        text = text.partition(". ")[0][:_LETTERS]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _open(path: Path, *, texts: bool) -> Any:
    if path.name == FILE:
        import keras

        return keras.models.load_model(path)
    import mlflow.keras

    # MLflow's own way hands over nothing but NumPy arrays.
    return (mlflow.keras if texts else mlflow.pyfunc).load_model(str(path))


def _main(folder: str, kind: str, packages: str, hidden: str) -> None:
    sys.path += [path for path in json.loads(packages) if path not in sys.path]
    for name in ("keras", "mlflow.keras") if kind == PACKAGE else ("keras",):
        importlib.import_module(name)
    for name in json.loads(hidden):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # Python then refuses to import it.
    if sys.stdin.readline():
        print(json.dumps(problem(Path(folder), kind)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
