"""Writes and reads a nest of arrays as one file."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from study.data.nest import Nest, from_json, leaves, map_nest, to_json

_STRUCTURE = "structure"
Array = np.ndarray[Any, Any]


def write_nest(path: Path, nest: Nest) -> None:
    """Write a nest of arrays, which may hold texts and numbers that NumPy alone cannot write."""
    numbers = iter(range(len(list(leaves(nest)))))
    structure = to_json(map_nest(lambda _: str(next(numbers)), nest))
    arrays = {str(number): storable(array) for number, array in enumerate(leaves(nest))}
    write_arrays(path, {_STRUCTURE: np.frombuffer(json.dumps(structure).encode(), np.uint8), **arrays})


def read_nest(path: Path) -> Nest:
    """Read what `write_nest` wrote."""
    with np.load(path, allow_pickle=False) as saved:
        structure = from_json(json.loads(saved[_STRUCTURE].tobytes()))
        return map_nest(lambda name: saved[name], structure)


def storable(array: Any) -> Array:
    """Returns an array of a type that NumPy can write: bfloat16 as float32, objects as texts or as bytes."""
    values = np.asarray(array)
    if values.dtype.hasobject:
        return values.astype(str if all(isinstance(one, str) for one in values.flat) else bytes)
    return values.astype(np.float32) if values.dtype.isbuiltin == 2 else values


def write_arrays(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays that `np.load` reads by these names. Unlike `np.savez`, it takes any name."""
    with zipfile.ZipFile(path, "w") as file:
        for name, array in arrays.items():
            with file.open(f"{name}.npy", "w") as part:
                np.lib.format.write_array(part, np.asarray(array), allow_pickle=False)
