"""Streams are known by their kind, counted by one reading, and used whole."""

import sys
from typing import Any

import keras
import numpy as np
import pytest

from study.data.stream import Stream, StreamError, batches_of, is_stream, read_stream
from study.errors import DataError

X, Y = np.arange(20, dtype=np.float32).reshape(10, 2), np.arange(10)


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Ten examples in batches of four."""

    def __init__(self, order: Any = range(10)) -> None:
        super().__init__()
        self.order = list(order)

    def __len__(self) -> int:
        return 3

    def __getitem__(self, number: int) -> Any:
        rows = self.order[4 * number : 4 * number + 4]
        return X[rows], Y[rows]


class Endless(Batches):
    @property
    def num_batches(self) -> None:
        return None


def tf_data(*arrays: Any, batch: int = 4) -> Any:
    tensorflow = pytest.importorskip("tensorflow")
    data = tensorflow.data.Dataset.from_tensor_slices(arrays or (X, Y))
    return data.batch(batch) if batch else data


def read(given: Any, *, fingerprint: bool = True) -> Any:
    return read_stream(given, fingerprint=fingerprint, on_batch=lambda examples: None)


def stream(given: Any) -> Stream:
    return Stream(given=given, facts=read(given))


def test_streams_are_known_by_their_kind() -> None:
    assert is_stream(Batches())
    assert is_stream(tf_data())
    assert is_stream(lambda seed: Batches())
    for other in (X, (X, Y), {"a": X}, None, iter([X]), Batches):
        assert not is_stream(other)


def test_a_stream_is_counted_by_one_reading() -> None:
    seen: list[int] = []
    facts = read_stream(Batches(), fingerprint=True, on_batch=seen.append)
    assert (facts.examples, facts.batches, seen) == (10, 3, [4, 8, 10])
    assert facts.first[0].tolist() == X[:4].tolist()
    assert [read(given).examples for given in (tf_data(), lambda seed: tf_data())] == [10, 10]
    assert read(Batches(), fingerprint=False).fingerprint == ""


def test_the_fingerprint_is_of_the_examples_in_any_order() -> None:
    fingerprints = [read(given).fingerprint for given in (Batches(), Batches(range(9, -1, -1)), tf_data(batch=3))]
    assert len(set(fingerprints)) == 1
    others = [tf_data(X, Y + 1), tf_data(X + 1, Y), tf_data(X[:9], Y[:9]), tf_data(X), tf_data({"a": X, "b": Y})]
    assert len({*fingerprints, *(read(given).fingerprint for given in others)}) == 6


def test_texts_and_ragged_rows_have_a_fingerprint() -> None:
    tensorflow = pytest.importorskip("tensorflow")
    texts = [np.array(["a", "b", letter], object) for letter in "cdc"]
    ragged = [tensorflow.ragged.constant([[1], [2, 3], [last]]) for last in (4, 5, 4)]
    for kinds in (texts, ragged):
        first, second, third = (read(tf_data(kind)).fingerprint for kind in kinds)
        assert first == third != second


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (lambda: Endless(), r"never ends, so no epoch does; end it with \.take\(batches\)"),
        (lambda: tf_data().repeat(), "never ends"),
        (lambda: tf_data(batch=0), r"yields single examples; put them together to batches, as \.batch\(32\) does"),
        (lambda: tf_data(X, X[:, 0]).unbatch(), "yields single examples"),
        (lambda: tf_data().take(0), "is empty"),
        (lambda: lambda seed: (X, Y), r"is a function that returned \(ndarray, ndarray\); it must return a tf\.data"),
        (lambda: lambda seed: None, "is a function that returned None"),
        (
            lambda: lambda: None,
            r"is the function <lambda>\(\), which cannot be called with one number; give",
        ),
        (lambda: lambda seed, epoch: None, r"is the function <lambda>\(seed, epoch\), which cannot be called with one"),
        (lambda: tf_data().map(lambda x, y: (x, y[:1])), "yields a batch whose arrays have 4, 1 examples"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_way_out(given: Any, complaint: str) -> None:
    with pytest.raises(StreamError, match=complaint):
        read(given())


def test_a_function_makes_the_data_of_an_epoch_from_its_seed() -> None:
    asked: list[int] = []

    def ask(seed: int) -> Any:
        asked.append(seed)
        return Batches()

    made = Stream(given=ask, facts=read(Batches()), seeds=lambda epoch: 10 * epoch)
    assert isinstance(made.of_epoch(3), Batches)
    assert asked == [30]
    assert made.repeatable
    assert not stream(Batches()).repeatable
    same = Batches()
    assert batches_of(same, 1) is same


def test_a_stream_is_used_whole() -> None:
    whole = stream(Batches())
    assert (len(whole), whole.batch) == (10, 4)
    assert whole[:] == whole[:10] == whole[:99] == whole
    with pytest.raises(DataError, match=r"a stream is used whole, all 10 examples; shorten it in data\(\)"):
        whole[:9]


def test_no_package_is_loaded_to_know_a_stream() -> None:
    assert "study.data.stream" in sys.modules
    names = vars(sys.modules["study.data.stream"])
    assert not {"keras", "tensorflow", "torch"} & names.keys()
