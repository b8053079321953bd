"""Saves and reads arrays with facts about them: the state of a trial after an epoch, and the weights of its model.

Each file is written whole or not at all.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.files import write_whole

if TYPE_CHECKING:
    import keras

_CHECKSUM_BYTES = 32
"""A file begins with a SHA-256 of its other bytes."""


@dataclass(frozen=True)
class Saved:
    """The content of a file."""

    arrays: Sequence[np.ndarray] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    """Facts that JSON can hold."""


def write(path: Path, saved: Saved, *, key: str) -> None:
    """Write arrays and facts to a file. `key` says to which trial they belong."""
    types = [
        "" if array.dtype.isbuiltin == 1 or array.dtype.kind in "US" else array.dtype.name for array in saved.arrays
    ]
    named = {f"variable_{number}": _storable(array) for number, array in enumerate(saved.arrays)}
    about = json.dumps({**saved.about, "key": key, **({"types": types} if any(types) else {})})
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, about=np.frombuffer(about.encode(), np.uint8), **named)
    content = buffer.getvalue()
    write_whole(path, _checksum(content) + content)


def read(path: Path, *, key: str) -> Saved | None:
    """Returns the content of a file. None if it is absent, damaged, or of another trial.

    If types such as bfloat16 are among the arrays, Keras must be loaded, because NumPy does not know them.
    """
    if (content := _read_checked(path)) is None:
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        about: dict[str, Any] = json.loads(stored["about"].tobytes())
        arrays = [stored[f"variable_{number}"] for number in range(len(stored.files) - 1)]
    if about["key"] != key:
        return None
    types = about.get("types", [""] * len(arrays))
    return Saved(
        [array.view(np.dtype(name)) if name else array for array, name in zip(arrays, types, strict=True)], about
    )


def read_facts(path: Path, *, key: str) -> Mapping[str, Any]:
    """Returns the facts in a file without its arrays, in a moment. Empty if it is absent, damaged or of another cell.

    `key` is the beginning of the trial's key.
    """
    try:
        with path.open("rb") as file:
            file.seek(_CHECKSUM_BYTES)
            with np.load(file, allow_pickle=False) as stored:
                about: dict[str, Any] = json.loads(stored["about"].tobytes())
    except Exception:  # The checksum is not read, so that a damaged file may raise anything.
        return {}
    return about if str(about.get("key", "")).startswith(key) else {}


def give_weights(model: "keras.Model", weights: Sequence[np.ndarray]) -> bool:
    """Give a model its saved weights. Returns False, and changes nothing, if they do not fit it."""
    if [array.shape for array in weights] != [tuple(weight.shape) for weight in model.weights]:
        return False
    for weight, array in zip(model.weights, weights, strict=True):
        weight.assign(array)
    return True


def is_whole(path: Path) -> bool:
    """Whether the file exists and matches its checksum."""
    return _read_checked(path) is not None


def _storable(array: np.ndarray) -> np.ndarray:
    """Returns an array of a type that NumPy does not know, such as bfloat16, as its bytes."""
    return array if array.dtype.isbuiltin == 1 or array.dtype.kind in "US" else array.view(f"u{array.dtype.itemsize}")


def _read_checked(path: Path) -> bytes | None:
    """Returns the content of a file, or None if it is absent or does not match its checksum."""
    written = path.read_bytes() if path.is_file() else b""
    content = written[_CHECKSUM_BYTES:]
    return content if _checksum(content) == written[:_CHECKSUM_BYTES] else None


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()
