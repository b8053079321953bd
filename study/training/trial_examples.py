"""The examples of a trial: the part of its data set that its budget asks for."""

from dataclasses import replace
from functools import partial

from study.data.dataset import Dataset, SplitData
from study.data.nest import count, take
from study.data.stream import Stream
from study.errors import DataError
from study.space.trial import TrialConfig
from study.training.example_order import epoch_seed


def trial_examples(data: Dataset, config: TrialConfig) -> tuple[SplitData, SplitData]:
    """Returns the examples of the training pool and of the validation split, still as memory maps.

    If the trial chooses its examples at random, the pool is whole. Else it holds only the examples of the training.
    Raises DataError if a split has fewer examples than the budget asks for.
    """
    fidelity = config.fidelity
    for split, wanted in (("pool", fidelity.train_examples), ("validation", fidelity.validation_examples)):
        if wanted is not None and (given := count(data.splits[split])) < wanted:
            raise DataError(f"the study asks for {wanted:,} examples of {split}, which holds {given:,}")
    pool_size = None if "data" in config.vary else fidelity.train_examples
    pool = take(data.splits["pool"], slice(pool_size))
    validation = take(data.splits["validation"], slice(fidelity.validation_examples))
    if isinstance(pool, Stream):
        return _training_stream(pool, config), validation
    return pool, validation


def _training_stream(pool: Stream, config: TrialConfig) -> Stream:
    """Returns the stream of the pool with the seeds of this trial. Raises DataError if a setting does not reach it."""
    if "data" in config.vary:
        raise DataError("vary holds 'data', but examples cannot be chosen from a stream; take 'data' out of vary")
    size = config.settings.get("batch_size")
    if size not in (config.defaults.get("batch_size"), pool.batch):
        raise DataError(
            f"batch_size = {size} does not reach the stream of 'pool', which makes batches of {pool.batch} examples; "
            "name batch_size in data(), and use it there"
        )
    return replace(pool, seeds=partial(epoch_seed, config))
