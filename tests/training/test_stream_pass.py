"""A pass over a stream gives the numbers of `fit` over the same batches, in an order that follows from the seed."""

from typing import Any

import keras
import numpy as np
import pytest

from study.data.stream import Stream, read_stream
from study.training.compiled_pass import make_pass
from study.training.stream_pass import StreamPass

COUNT, BATCH = 50, 8
CHANCE = np.random.default_rng(0)
X = CHANCE.random((COUNT, 4), np.float32)
Y = (X.sum(axis=1) > 2).astype(np.float32)[:, None]
WEIGHTS = {0: 0.5, 1: 2.0}


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    def __init__(self, order: Any = range(COUNT)) -> None:
        super().__init__()
        self.order, self.ended = list(order), 0

    def __len__(self) -> int:
        return 7

    def __getitem__(self, number: int) -> Any:
        rows = self.order[number * BATCH : (number + 1) * BATCH]
        return X[rows], Y[rows]

    def on_epoch_end(self) -> None:
        self.ended += 1


def shuffled(seed: int) -> Batches:
    return Batches(np.random.default_rng(seed).permutation(COUNT))


def tf_data(seed: int) -> Any:
    tensorflow = pytest.importorskip("tensorflow")
    data = tensorflow.data.Dataset.from_tensor_slices((X, Y)).shuffle(COUNT, seed=seed, reshuffle_each_iteration=False)
    return data.batch(BATCH)


def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    made = keras.Sequential([keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
    made.compile("adam", "binary_crossentropy", metrics=["acc"])
    return made


def stream(given: Any, **options: Any) -> Stream:
    facts = read_stream(given, fingerprint=False, on_batch=lambda examples: None)
    return Stream(given=given, facts=facts, seeds=lambda epoch: 5 * epoch, **options)


@pytest.mark.parametrize("make", [shuffled, tf_data])
def test_the_numbers_are_those_of_fit_over_the_same_batches(make: Any) -> None:
    ours, theirs = model(), model()
    fit = make_pass(ours, stream(make), batch=32, training=True)
    validate = make_pass(ours, stream(Batches()), batch=32, training=False)
    assert isinstance(fit, StreamPass)
    for epoch in (1, 2):
        metrics = fit(np.arange(COUNT), epoch=epoch)
        fitted = theirs.fit(make(5 * epoch), shuffle=False, verbose=0)
        assert metrics == {name: values[-1] for name, values in fitted.history.items()}
        assert validate(np.arange(COUNT)) == theirs.evaluate(Batches(), verbose=0, return_dict=True)


def test_the_weights_of_classes_are_those_of_fit() -> None:
    ours, theirs = model(), model()
    metrics = make_pass(ours, stream(shuffled, class_weight=WEIGHTS), batch=32, training=True)(np.arange(COUNT))
    fitted = theirs.fit(shuffled(5), shuffle=False, verbose=0, class_weight=WEIGHTS)
    assert metrics == {name: values[-1] for name, values in fitted.history.items()}


def test_the_batches_of_a_data_set_without_a_seed_are_shuffled_by_ours() -> None:
    given, rows = Batches(), np.arange(COUNT)[::-1]
    fit = make_pass(model(), stream(given), batch=32, training=True)
    first, second = fit(rows, epoch=1), fit(rows, epoch=2)
    alone = Batches()
    model().fit(alone, epochs=2, verbose=0)
    assert given.ended == alone.ended == 3
    assert first == make_pass(model(), stream(Batches()), batch=32, training=True)(rows, epoch=1)
    assert first != make_pass(model(), stream(Batches()), batch=32, training=True)(rows, epoch=2)
    assert second
    unshuffled = make_pass(model(), stream(Batches()), batch=32, training=True)(np.arange(COUNT), epoch=1)
    fitted = model().fit(Batches(), shuffle=False, verbose=0)
    assert unshuffled == {name: values[-1] for name, values in fitted.history.items()} != first


def test_a_pass_may_take_some_batches_only() -> None:
    given = Batches()
    make_pass(model(), stream(given), batch=32, training=False)(np.arange(20))
    seen = model()
    assert make_pass(seen, stream(given), batch=32, training=False)(np.arange(20)) == seen.evaluate(
        X[: 3 * BATCH], Y[: 3 * BATCH], batch_size=BATCH, verbose=0, return_dict=True
    )
