"""A trial's examples are the first ones of each split, as many as its budget asks for."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data.dataset import Dataset
from study.data.stream import Stream, StreamFacts
from study.errors import DataError
from study.task import Fidelity
from study.training.trial_examples import trial_examples
from tests.trial_functions import space

SPLITS = {
    "pool": (np.arange(20), np.arange(20) + 100),
    "validation": (np.arange(8), np.arange(8) + 200),
}
DATA = Dataset("f" * 64, Path(), {split: len(inputs) for split, (inputs, _) in SPLITS.items()}, SPLITS)
CONFIG = dataclasses.replace(space().config({}, seed=0), fidelity=Fidelity(1, 12, 5))


def test_the_first_examples_of_each_split_are_taken() -> None:
    (inputs, targets), (validation, _) = trial_examples(DATA, CONFIG)
    assert (np.asarray(inputs).tolist(), np.asarray(targets).tolist()) == (list(range(12)), list(range(100, 112)))
    assert np.asarray(validation).tolist() == list(range(5))


def test_the_pool_stays_whole_if_the_trial_chooses_its_examples() -> None:
    (inputs, _), _ = trial_examples(DATA, dataclasses.replace(CONFIG, vary=("data",)))
    assert len(inputs) == 20


@pytest.mark.parametrize(
    ("fidelity", "problem"),
    [
        (Fidelity(1, 21, 5), "the study asks for 21 examples of pool, which holds 20"),
        (Fidelity(1, 12, 9), "the study asks for 9 examples of validation, which holds 8"),
    ],
)
def test_more_examples_than_there_are_is_refused(fidelity: Fidelity, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        trial_examples(DATA, dataclasses.replace(CONFIG, fidelity=fidelity))


def test_without_a_number_all_examples_are_taken() -> None:
    everything = dataclasses.replace(CONFIG.fidelity)
    object.__setattr__(everything, "train_examples", None)
    object.__setattr__(everything, "validation_examples", None)
    (inputs, _), (validation, _) = trial_examples(DATA, dataclasses.replace(CONFIG, fidelity=everything))
    assert (len(inputs), len(validation)) == (20, 8)


def stream(**options: Any) -> Stream:
    facts = StreamFacts(examples=20, batches=5, first=(np.arange(4),), fingerprint="")
    return Stream(given=lambda seed: None, facts=facts, **options)


def test_a_stream_gets_the_seeds_of_the_trial() -> None:
    data = dataclasses.replace(DATA, splits={**SPLITS, "pool": stream()})
    whole = dataclasses.replace(CONFIG, fidelity=Fidelity(1, 20, 5))
    pools = [trial_examples(data, dataclasses.replace(whole, seed=seed))[0] for seed in (1, 2, 1)]
    seeds = [[pool.seeds(epoch) for epoch in (1, 2)] for pool in pools if isinstance(pool, Stream)]
    assert seeds[0] == seeds[2]
    assert len({*seeds[0], *seeds[1]}) == 4
    larger = dataclasses.replace(whole, settings={"batch_size": 8}, defaults={"batch_size": 32})
    with pytest.raises(DataError, match="batch_size = 8 does not reach the stream of 'pool', which makes batches of 4"):
        trial_examples(data, larger)
    for size in (4, 32):  # The stream's own, and the default.
        trial_examples(data, dataclasses.replace(larger, settings={"batch_size": size}))
    with pytest.raises(DataError, match="a stream is used whole"):
        trial_examples(data, CONFIG)
    with pytest.raises(DataError, match="vary holds 'data', but examples cannot be chosen from a stream"):
        trial_examples(data, dataclasses.replace(whole, vary=("data",)))
