"""Saves and restores a trial: its state after an epoch, and the weights of a complete model.

Each file is written whole or not at all.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.files import write_whole
from study.space.trial import Metrics

if TYPE_CHECKING:
    import keras

_CHECKSUM_BYTES = 32
"""A file begins with a SHA-256 of its other bytes."""


def save(path: Path, model: "keras.Model", *, key: str, curve: Sequence[Metrics], seconds: float) -> None:
    """Save a compiled model after an epoch: weights, random states, optimizer, the curve and the seconds so far."""
    _write(path, _state(model), {"key": key, "curve": list(map(dict, curve)), "seconds": seconds})


def restore(path: Path, model: "keras.Model", *, key: str) -> tuple[list[Metrics], float]:
    """Give a model the state that `save` wrote. Returns the curve and the seconds so far.

    If there is no file, or it is damaged or belongs to another trial, the curve is empty and the seconds are 0. The
    trial then starts from its beginning.
    """
    about = _read(path, _state(model), key)
    return (about["curve"], about["seconds"]) if about else ([], 0.0)


def save_weights(path: Path, model: "keras.Model", *, key: str) -> None:
    """Save the weights of a trained model. Its answers need nothing else."""
    _write(path, model.weights, {"key": key})


def load_weights(path: Path, model: "keras.Model", *, key: str) -> bool:
    """Give a model the weights of this trial. Returns False if the file is absent or damaged, or does not fit it."""
    return bool(_read(path, model.weights, key))


def is_whole(path: Path) -> bool:
    """Whether the file exists and matches its checksum."""
    return _read_checked(path) is not None


def _write(path: Path, variables: Iterable[Any], about: Mapping[str, Any]) -> None:
    import keras  # Here, because the launcher asks `is_whole` and must not load TensorFlow.

    arrays = {f"variable_{n}": keras.ops.convert_to_numpy(v) for n, v in enumerate(variables)}
    about_bytes = np.frombuffer(json.dumps(about).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, about=about_bytes, **arrays)
    content = buffer.getvalue()
    write_whole(path, _checksum(content) + content)


def _read(path: Path, variables: Sequence[Any], key: str) -> dict[str, Any]:
    """Give variables the values in a file. Returns the file's facts about itself; empty if the file does not fit."""
    if (content := _read_checked(path)) is None:
        return {}
    with np.load(io.BytesIO(content), allow_pickle=False) as saved:
        about: dict[str, Any] = json.loads(saved["about"].tobytes())
        arrays = [saved[f"variable_{n}"] for n in range(len(saved.files) - 1)]
    if about["key"] != key or [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        return {}
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return about


def _read_checked(path: Path) -> bytes | None:
    """Returns the content of a file, or None if it is absent or does not match its checksum."""
    written = path.read_bytes() if path.is_file() else b""
    content = written[_CHECKSUM_BYTES:]
    return content if _checksum(content) == written[:_CHECKSUM_BYTES] else None


def _checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _state(model: "keras.Model") -> list[Any]:
    """Returns every variable on which the next epoch depends."""
    # Before its first step an optimizer has no variables yet.
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
