"""The examples of a trial: the part of its data set that its budget asks for."""

from study.data.dataset import Dataset, StoredExamples
from study.errors import DataError
from study.space.trial import TrialConfig


def trial_examples(data: Dataset, config: TrialConfig) -> tuple[StoredExamples, StoredExamples]:
    """Returns the examples of the training pool and of the validation split, still as memory maps.

    If the trial chooses its examples at random, the pool is whole. Else it holds only the examples of the training.
    Raises DataError if a split has fewer examples than the budget asks for.
    """
    fidelity = config.fidelity
    for split, wanted in (("pool", fidelity.train_examples), ("validation", fidelity.validation_examples)):
        if (count := len(data.splits[split][0])) < wanted:
            raise DataError(f"the study asks for {wanted:,} examples of {split}, which holds {count:,}")
    pool_size = None if "data" in config.vary else fidelity.train_examples
    return _first(data.splits["pool"], pool_size), _first(data.splits["validation"], fidelity.validation_examples)


def _first(examples: StoredExamples, count: int | None) -> StoredExamples:
    inputs, targets = examples
    return inputs[:count], targets[:count]
