"""A script that runs the code of a model card where nothing of the task is known, and compares the model's answers.

It takes the folders of the packages that the code needs, and the modules that it imports at once, so that it can start
while the model's files are still being written. Each line that it reads is JSON: a piece of code, the folder with the
model's files, the modules that the code must not import, and the folders with the task's code if it may import that.
For each line it writes one: what is wrong, or an empty text.
"""

import importlib
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

ANSWERS = "answers"
"""The variable in which the code leaves the model's answers."""
RANDOM = ".random"
"""The end of an output's name in the file of expected answers if the model draws it anew each time."""
_RELATIVE, _ABSOLUTE = 1e-4, 1e-5
"""How far an answer may be from the model's own, because the file may be compiled in another way."""
_LETTERS = 200
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
"""What Keras puts around the text of an error."""
_LACKING = re.compile(r"Could not locate [^.]*")
"""What Keras says about a class or a function that it does not know, in the middle of a long text."""


def problem(code: str, expected: Path) -> str:
    """Returns in one line what is wrong with a piece of code, or an empty text if its model answers as expected.

    `expected` is a file with an array for each output, in the order in which Keras lists them.
    """
    try:
        names: dict[str, Any] = {}
        exec(code, names)
        answers = flat(names[ANSWERS])
    except Exception as error:  # The reader of the model card would meet it, too, whatever it is.
        return brief(error)
    with np.load(expected) as saved:
        pairs = [(saved[name], name.endswith(RANDOM)) for name in saved.files]
    alike = len(answers) == len(pairs) and all(
        answer.shape == other.shape and (random or _close(answer, other))
        for answer, (other, random) in zip(answers, pairs, strict=True)
    )
    return "" if alike else "the opened model gives other answers than the trained one"


def flat(answers: Any) -> list[np.ndarray]:
    """Returns each array of a model's answers, of a type that NumPy can store."""
    import keras

    return [_storable(np.asarray(answer)) for answer in keras.tree.flatten(answers)]


def _storable(array: np.ndarray) -> np.ndarray:
    if array.dtype.hasobject:  # Texts.
        return array.astype(str if all(isinstance(one, str) for one in array.flat) else bytes)
    return array.astype(np.float32) if array.dtype.isbuiltin == 2 else array  # NumPy cannot write bfloat16.


def _close(answer: np.ndarray, other: np.ndarray) -> bool:
    if answer.dtype.kind in "SU" or other.dtype.kind in "SU":
        return np.array_equal(answer, other)
    return np.allclose(answer, other, _RELATIVE, _ABSOLUTE, equal_nan=True)


def brief(error: BaseException) -> str:
    """Returns an error in one line that is not too long. An error without a text is known by its type."""
    text = " ".join(_COLOURS.sub("", str(error)).split())
    if lacking := _LACKING.search(text):
        text = lacking[0]
    elif len(text) > _LETTERS:
        text = text.partition(". ")[0][:_LETTERS]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _hide(modules: Iterable[str]) -> None:
    """Let Python refuse to import these modules, and no others."""
    for name in [name for name, module in sys.modules.items() if module is None]:
        del sys.modules[name]
    for name in modules:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def _main(packages: str, modules: str) -> None:
    # What the code prints must not stand among the answers.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path += [path for path in json.loads(packages) if path not in sys.path]
    for name in json.loads(modules):
        importlib.import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        _hide(asked["hidden"])
        os.chdir(asked["folder"])
        sys.path += [path for path in asked["folders"] if path not in sys.path]
        print(json.dumps(problem(asked["code"], Path(asked["expected"]))), file=output, flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])
