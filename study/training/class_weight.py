"""The weights of classes in the training, which become weights of the examples, as Keras's `fit` does it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from study.data.dataset import SplitData
from study.data.stream import Stream


def with_class_weight(examples: SplitData, class_weight: Mapping[int, float]) -> SplitData:
    """Returns the examples with the weights of their classes as their own weights, as `fit(class_weight=…)` has them.

    If the examples have weights of their own, both are multiplied. A stream keeps the weights of the classes, because
    `fit` applies them to its batches.
    """
    if not class_weight:
        return examples
    if isinstance(examples, Stream):
        return replace(examples, class_weight=class_weight)
    inputs, targets, *own = examples
    weights = _class_weights(np.asarray(targets), class_weight)
    for array in map(np.asarray, own):
        weights = array * weights.reshape(-1, *[1] * (array.ndim - 1))
    return inputs, targets, weights.astype(np.float32)


def _class_weights(targets: np.ndarray, class_weight: Mapping[int, float]) -> np.ndarray:
    """Returns the weight of each target's class, and 1 for a class without a weight. One-hot targets name a class."""
    if targets.ndim > 1:
        targets = targets[..., 0] if targets.shape[-1] == 1 else np.argmax(targets, axis=-1)
    classes, places = np.unique(np.round(targets).astype(np.int32), return_inverse=True)
    return np.array([class_weight.get(int(one), 1.0) for one in classes], np.float32)[places]
