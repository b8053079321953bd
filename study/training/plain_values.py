"""Turns values of Python objects into JSON and arrays, and back, so that a checkpoint needs no pickle.

This module loads Keras, so that a launcher must not import it.
"""

import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import Any

import keras
import numpy as np

_AS_THEY_ARE = (type(None), bool, int, float, str)
_DICTS = (dict, OrderedDict, defaultdict, Counter)
_SEQUENCES: dict[str, Callable[[list[Any]], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
_RANDOM: Any = np.random  # NumPy's types lack one of its classes.


class NotPlainError(Exception):
    """The value holds something that is neither a number, a text nor an array."""


def pack(value: Any, arrays: list[np.ndarray]) -> Any:
    """Returns a value as JSON can hold it. Its arrays are added to `arrays`. Raises NotPlainError if that fails."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, np.ndarray | np.generic):
        return {"array" if isinstance(value, np.ndarray) else "scalar": _added(value, arrays)}
    if isinstance(value, PurePath):
        return {"path": str(value)}
    if isinstance(value, list):
        return [pack(item, arrays) for item in value]
    if isinstance(value, tuple | set | frozenset) and type(value).__name__ in _SEQUENCES:
        return {type(value).__name__: [pack(item, arrays) for item in value]}
    if isinstance(value, deque):
        return {"deque": [pack(item, arrays) for item in value], "most": value.maxlen}
    if type(value) in _DICTS:
        return {"dict": [[pack(key, arrays), pack(item, arrays)] for key, item in value.items()]}
    return _pack_generator(value, arrays)


def _pack_generator(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, random.Random):
        return {"python": pack(value.getstate(), arrays)}
    if isinstance(value, np.random.Generator | np.random.RandomState):
        bits = value.bit_generator if isinstance(value, np.random.Generator) else value._bit_generator
        return {"numpy": pack(bits.state, arrays), "kind": type(value).__name__}
    # To TensorFlow, a variable is a tensor, too.
    if keras.ops.is_tensor(value) and not hasattr(value, "assign"):
        try:
            return {"tensor": _added(keras.ops.convert_to_numpy(value), arrays)}
        except Exception:  # A tensor of a graph has no value. Each backend raises an error of its own.
            pass
    raise NotPlainError(type(value).__name__)


def _added(value: Any, arrays: list[np.ndarray]) -> int:
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise NotPlainError("array of objects")
    arrays.append(array)
    return len(arrays) - 1


def unpack(packed: Any, arrays: Sequence[np.ndarray]) -> Any:
    """Returns the value that `pack` turned into JSON and these arrays."""
    if isinstance(packed, list):
        return [unpack(item, arrays) for item in packed]
    if not isinstance(packed, dict):
        return packed
    kind, content = next(iter(packed.items()))
    match kind:
        case "array" | "scalar":
            return np.array(arrays[content]) if kind == "array" else arrays[content][()]
        case "tensor":
            return keras.ops.convert_to_tensor(arrays[content])
        case "path":
            return Path(content)
        case "dict":
            return {unpack(key, arrays): unpack(item, arrays) for key, item in content}
        case "deque":
            return deque((unpack(item, arrays) for item in content), packed["most"])
        case "python" | "numpy":
            return _unpack_generator(packed, arrays)
    return _SEQUENCES[kind](unpack(content, arrays))


def _unpack_generator(packed: dict[str, Any], arrays: Sequence[np.ndarray]) -> Any:
    if "python" in packed:
        generator = random.Random()
        generator.setstate(unpack(packed["python"], arrays))
        return generator
    state = unpack(packed["numpy"], arrays)
    bits = getattr(_RANDOM, state["bit_generator"])()
    bits.state = state
    return getattr(_RANDOM, packed["kind"])(bits)


def fill(old: Any, new: Any) -> bool:
    """Give a value that others may share the content of another one. Returns False if that is not possible."""
    if isinstance(old, list) and isinstance(new, list):
        old[:] = new
    elif isinstance(old, dict | set | deque) and isinstance(new, dict | set | deque):
        _fill_container(old, new)
    elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        return _fill_array(old, new)
    elif isinstance(old, random.Random) and isinstance(new, random.Random):
        old.setstate(new.getstate())
    elif isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        old.bit_generator.state = new.bit_generator.state
    elif isinstance(old, np.random.RandomState) and isinstance(new, np.random.RandomState):
        old.set_state(new.get_state())
    else:
        return False
    return True


def _fill_container(old: Any, new: Any) -> None:
    old.clear()
    (old.extend if isinstance(old, deque) else old.update)(new)


def _fill_array(old: np.ndarray, new: np.ndarray) -> bool:
    if not (old.flags.writeable and old.shape == new.shape and old.dtype == new.dtype):
        return False
    old[...] = new
    return True
