"""Chooses the examples of a trial and their order. Both depend on the trial's seed alone."""

import numpy as np

from study.space.trial import TrialConfig


def epoch_order(config: TrialConfig, epoch: int, *, count: int, shuffle: bool = True) -> np.ndarray:
    """Returns the order of the `count` training examples in an epoch: a permutation of 0 … count - 1."""
    if not shuffle:
        return np.arange(count)
    # It depends on seed and epoch alone, so that a resumed trial gets the same order as an uninterrupted one.
    return np.random.default_rng([config.seed_for("order"), epoch]).permutation(count)


def epoch_seed(config: TrialConfig, epoch: int) -> int:
    """Returns the number from which a stream makes the batches of an epoch: at least 0, below 2**31."""
    return int(np.random.default_rng([config.seed_for("order"), epoch]).integers(2**31))


def chosen_examples(config: TrialConfig, pool: int) -> np.ndarray:
    """Returns the rows on which a trial trains, from a pool with `pool` examples.

    They are the first rows of the pool. If `vary` holds "data", they are the first rows of a permutation of it. They
    are all of its rows if the budget names no number.
    """
    if "data" not in config.vary:
        return np.arange(config.fidelity.train_examples or pool)
    return np.random.default_rng(config.seed_for("data")).permutation(pool)[: config.fidelity.train_examples]
