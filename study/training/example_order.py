"""Chooses the examples of a trial and their order. Both depend on the trial's seed alone."""

import numpy as np

from study.space.trial import TrialConfig


def epoch_order(config: TrialConfig, epoch: int) -> np.ndarray:
    """Returns the order of the training examples in an epoch: a permutation of 0 … train_examples - 1."""
    # It depends on seed and epoch alone, so that a resumed trial gets the same order as an uninterrupted one.
    return np.random.default_rng([config.seed_for("order"), epoch]).permutation(config.fidelity.train_examples)


def chosen_examples(config: TrialConfig, pool: int) -> np.ndarray:
    """Returns the rows on which a trial trains, from a pool with `pool` examples.

    They are the first rows of the pool. If `vary` holds "data", they are the first rows of a permutation of it.
    """
    if "data" not in config.vary:
        return np.arange(config.fidelity.train_examples)
    return np.random.default_rng(config.seed_for("data")).permutation(pool)[: config.fidelity.train_examples]
