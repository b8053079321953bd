"""Where a trial left off: all that its next epoch depends on, in one file that is whole or not there."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from study.trial import Metrics

if TYPE_CHECKING:
    import keras


_SEAL = 32
"""Bytes of the SHA-256 with which a file begins."""


def save(path: Path, model: "keras.Model", *, key: str, curve: Sequence[Metrics], seconds: float) -> None:
    """Keep a compiled model after an epoch: weights, random states, optimizer, the curve and the time so far."""
    import keras

    arrays = {f"variable_{n}": keras.ops.convert_to_numpy(v) for n, v in enumerate(_variables(model))}
    about = json.dumps({"key": key, "curve": list(map(dict, curve)), "seconds": seconds}).encode()
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, about=np.frombuffer(about, np.uint8), **arrays)
    content = packed.getvalue()
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        file.write(_seal(content) + content)
        file.flush()
        os.fsync(file.fileno())  # A power cut must not leave the name without the content.
    draft.replace(path)


def restore(path: Path, model: "keras.Model", *, key: str) -> tuple[list[Metrics], float]:
    """Put a model back to where `save` found it: the curve and the seconds so far, none where there is nothing.

    A file that is damaged, or of another trial, counts as none: the trial then starts at its beginning.
    """
    written = path.read_bytes() if path.is_file() else b""
    content = written[_SEAL:]
    if _seal(content) != written[:_SEAL]:
        return [], 0.0
    with np.load(io.BytesIO(content), allow_pickle=False) as kept:
        about = json.loads(kept["about"].tobytes())
        arrays = [kept[f"variable_{n}"] for n in range(len(kept.files) - 1)]
    variables = _variables(model)
    if about["key"] != key or [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        return [], 0.0
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return about["curve"], about["seconds"]


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _variables(model: "keras.Model") -> list[Any]:
    # Before its first step an optimizer has no variables yet.
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
