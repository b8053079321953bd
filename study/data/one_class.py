"""Whether the examples that validate are all of one class, as the last tenth of a sorted pool is."""

from typing import Any

import numpy as np

from study.data.dataset import SplitData
from study.data.splits import POOL, VALIDATION
from study.data.stream import Stream


def one_class(pool: SplitData, validation: SplitData) -> str:
    """Returns a line with the way out if the validation split has one class only and the pool has more; else nothing.

    Targets that are no numbers of classes, and streams, say nothing.
    """
    trained, validated = _classes(pool), _classes(validation)
    if len(trained) < 2 or len(validated) != 1:
        return ""
    return (
        f"all of {VALIDATION!r} is of class {validated[0]}, and {POOL!r} has {len(trained):,} classes: "
        f"shuffle the examples in data(), or return a {VALIDATION!r}"
    )


def _classes(examples: SplitData) -> list[Any]:
    """Returns the classes of a split; empty if its targets are something else."""
    targets = None if isinstance(examples, Stream) else (*examples, None)[1]
    if targets is None or isinstance(targets, dict | list | tuple):
        return []
    array = np.asarray(targets)
    if array.dtype.kind not in "biu" or array.shape[1:] not in ((), (1,)):
        return []
    return list(np.unique(array).tolist())
