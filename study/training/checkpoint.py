"""Where a trial left off, and what a complete one learned: each in one file that is whole or not there."""

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


_SEAL = 32
"""Bytes of the SHA-256 with which a file begins."""


def save(path: Path, model: "keras.Model", *, key: str, curve: Sequence[Metrics], seconds: float) -> None:
    """Keep a compiled model after an epoch: weights, random states, optimizer, the curve and the time so far."""
    _write(path, _variables(model), {"key": key, "curve": list(map(dict, curve)), "seconds": seconds})


def restore(path: Path, model: "keras.Model", *, key: str) -> tuple[list[Metrics], float]:
    """Put a model back to where `save` found it: the curve and the seconds so far, none where there is nothing.

    A file that is damaged, or of another trial, counts as none: the trial then starts at its beginning.
    """
    about = _read(path, _variables(model), key)
    return (about["curve"], about["seconds"]) if about else ([], 0.0)


def save_weights(path: Path, model: "keras.Model", *, key: str) -> None:
    """Keep what a trained model needs in order to answer."""
    _write(path, model.weights, {"key": key})


def load_weights(path: Path, model: "keras.Model", *, key: str) -> bool:
    """Give a model the weights that were kept of this trial; whether there are any, whole and of its shapes."""
    return bool(_read(path, model.weights, key))


def is_whole(path: Path) -> bool:
    """Whether there is a file, and every bit of it as it was written."""
    return _content(path) is not None


def _write(path: Path, variables: Iterable[Any], about: Mapping[str, Any]) -> None:
    import keras

    arrays = {f"variable_{n}": keras.ops.convert_to_numpy(v) for n, v in enumerate(variables)}
    said = np.frombuffer(json.dumps(about).encode(), np.uint8)
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, about=said, **arrays)
    content = packed.getvalue()
    write_whole(path, _seal(content) + content)


def _read(path: Path, variables: Sequence[Any], key: str) -> dict[str, Any]:
    """Give variables what was kept of this trial: what is said about it; empty where nothing fits."""
    if (content := _content(path)) is None:
        return {}
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        about: dict[str, Any] = json.loads(kept["about"].tobytes())
        arrays = [kept[f"variable_{n}"] for n in range(len(kept.files) - 1)]
    if about["key"] != key or [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        return {}
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return about


def _content(path: Path) -> bytes | None:
    written = path.read_bytes() if path.is_file() else b""
    content = written[_SEAL:]
    return content if _seal(content) == written[:_SEAL] else None


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _variables(model: "keras.Model") -> list[Any]:
    # Before its first step an optimizer has no variables yet.
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
