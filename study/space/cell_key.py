"""The key of a cell: one SHA-256 of everything that identifies it, the same on every machine."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from study.task import Fidelity


def cell_key(
    *, task: str, version: int, settings: Mapping[str, object], fidelity: Fidelity, vary: Sequence[str], seed: int
) -> str:
    """Returns the key of a cell. `settings` are those that differ from the task's defaults."""
    return digest(
        {
            "task": task,
            "version": version,
            "settings": settings,
            "fidelity": vars(fidelity),
            "vary": sorted(vary),
            "seed": seed,
        }
    )


def digest(value: object) -> str:
    """Returns the SHA-256 of the canonical JSON of `value`: keys sorted, no spaces, 1.0 written as 1."""
    text = json.dumps(_canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return value
