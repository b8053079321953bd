"""The examples of a trial: the part of its data set that its budget asks for."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from study.data.dataset import Dataset, SplitData, StoredExamples
from study.data.nest import count, take
from study.data.stream import Stream
from study.errors import DataError
from study.space.trial import TrialConfig
from study.training.example_order import epoch_seed


def trial_examples(data: Dataset, config: TrialConfig) -> tuple[SplitData, SplitData]:
    """Returns the examples of the training pool and of the validation split, still as memory maps.

    If the trial chooses its examples at random, the pool is whole. Else it holds only the examples of the training.
    Weights of classes become weights of the pool's examples, as `fit` does it. Raises DataError if a split has fewer
    examples than the budget asks for.
    """
    fidelity = config.fidelity
    for split, wanted in (("pool", fidelity.train_examples), ("validation", fidelity.validation_examples)):
        if wanted is not None and (given := count(data.splits[split])) < wanted:
            raise DataError(f"the study asks for {wanted:,} examples of {split}, which holds {given:,}")
    pool_size = None if "data" in config.vary else fidelity.train_examples
    pool = take(data.splits["pool"], slice(pool_size))
    validation = take(data.splits["validation"], slice(fidelity.validation_examples))
    if isinstance(pool, Stream):
        return _training_stream(pool, data, config), validation
    return with_class_weight(pool, data.class_weight), validation


def _training_stream(pool: Stream, data: Dataset, config: TrialConfig) -> Stream:
    """Returns the stream of the pool with the seeds of this trial. Raises DataError if it must choose examples."""
    if "data" in config.vary:
        raise DataError("vary holds 'data', but examples cannot be chosen from a stream; take 'data' out of vary")
    return replace(pool, seeds=partial(epoch_seed, config), class_weight=data.class_weight)


def with_class_weight(examples: StoredExamples, class_weight: Mapping[int, float]) -> StoredExamples:
    """Returns the examples with the weights of their classes as their own weights, as `fit(class_weight=…)` has them.

    If the examples have weights of their own, both are multiplied.
    """
    if not class_weight:
        return examples
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
