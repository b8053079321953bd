"""Lets MLflow ask a Keras model of texts or of several inputs, or one that answers with more than one array.

A copy of this file lies in the logged model as its loader, so that it imports nothing of this package.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

FILE, ASKING = "data/model.keras", "data/asking.json"
"""Files in the logged model: Keras's own, and how the model is asked."""


class KerasAnswers:
    """A Keras model as MLflow asks it: it takes an array for each input by its name, and returns NumPy arrays."""

    def __init__(self, model: Any, inputs: Any) -> None:
        self._model = model
        self._inputs = inputs
        """The structure in which the model takes its inputs, with their names; None if it takes a single array."""

    def predict(self, data: Any, params: Mapping[str, Any] | None = None) -> Any:
        """Returns the model's answers in the structure in which it gives them."""
        inputs = _tensor(_single(data)) if self._inputs is None else _filled(self._inputs, data)
        return keras.tree.map_structure(_array, self._model.predict(inputs, verbose=0))


def _filled(structure: Any, data: Mapping[str, Any]) -> Any:
    """Returns the structure with the array of each name in its place."""
    if isinstance(structure, str):
        return _tensor(np.asarray(data[structure]))
    ((kind, parts),) = structure.items()
    if kind == "dict":
        return {name: _filled(part, data) for name, part in parts.items()}
    return {"tuple": tuple, "list": list}[kind](_filled(part, data) for part in parts)


def _single(data: Any) -> Any:
    return data.to_numpy() if hasattr(data, "to_numpy") else np.asarray(data)


def _tensor(array: Any) -> Any:
    """Returns texts as a tensor, because Keras takes none of NumPy's."""
    if array.dtype.hasobject:
        array = array.astype(str)
    return keras.ops.convert_to_tensor(array) if array.dtype.kind in "US" else array


def _array(answer: Any) -> Any:
    """Returns an answer as an array of a type that every reader knows."""
    array = np.asarray(answer)
    return array.astype(np.float32) if array.dtype.isbuiltin == 2 else array


def _load_pyfunc(path: str) -> KerasAnswers:
    """Load the model in a folder. MLflow calls this function."""
    asking = json.loads((Path(path) / ASKING).read_text(encoding="utf-8"))
    return KerasAnswers(keras.models.load_model(Path(path) / FILE, safe_mode=asking["safe"]), asking["inputs"])
