"""Data sets with a stream are made for each trial and counted once in a process."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data import streamed
from study.data.cache import attach
from study.data.stream import Stream
from study.errors import DataError
from study.space.task_code import TaskCode
from tests.data.test_cache import Ramp
from tests.data.test_stream import Batches, X, Y


class Streaming(Ramp):
    """A ramp whose pool is a stream."""

    name = "streaming"

    def __init__(self, pool: Any = None, validation: Any = (X, Y)) -> None:
        super().__init__(broken=lambda _: {"pool": pool or Batches(), "validation": validation})


@pytest.fixture(autouse=True)
def forget() -> None:
    streamed._FACTS.clear()


def attached(task: Any, said: list[str] | None = None) -> Any:
    return attach(
        task, {}, code=TaskCode(), on_progress=lambda what, done, total: None if said is None else said.append(what)
    )


def test_it_is_made_for_each_trial_and_counted_once_and_never_written(root: Path) -> None:
    task, said = Streaming(), list[str]()
    data = attached(task, said)
    assert task.made == 2  # Once to be counted, and once to be used as nobody has read it.
    assert data.counts == {"pool": 10, "validation": 10}
    assert isinstance(data.splits["pool"], Stream)
    assert [array.tolist() for array in data.splits["validation"]] == [X.tolist(), Y.tolist()]
    assert "counting the examples of 'pool', which is a stream" in said
    assert attached(task).splits["pool"].given is not data.splits["pool"].given
    assert task.made == 3
    assert not [path for path in root.iterdir() if path.suffix != ".lock"]


def test_its_fingerprint_is_of_the_counts_and_of_the_examples_that_measure() -> None:
    def fingerprint(*splits: Any) -> str:
        streamed._FACTS.clear()
        return str(attached(Streaming(*splits)).fingerprint)

    first = fingerprint()
    assert fingerprint(Batches(range(9, -1, -1))) == first
    assert fingerprint(None, (X, Y + 1)) != first
    assert fingerprint(None, Batches()) == fingerprint(lambda seed: Batches(), Batches(range(9, -1, -1)))


@pytest.mark.parametrize(
    ("splits", "complaint"),
    [
        ({"pool": Batches()}, "it lacks 'validation', because 'pool' is a stream, which cannot be divided"),
        ({"pool": lambda seed: (X, Y), "validation": (X, Y)}, "'pool' is a function that returned (ndarray, ndarray)"),
        ({"pool": (X, Y), "validation": lambda seed: 5}, "'validation' is a function that returned int"),
        ({"pool": (range(3) for _ in X), "validation": (X, Y)}, "'pool' must be (inputs,), "),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(splits: Any, complaint: str) -> None:
    with pytest.raises(DataError) as refused:
        attached(Ramp(broken=lambda _: splits))
    assert complaint in str(refused.value)
    assert "data() of task 'ramp' made data that cannot be used" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_class_weights_stand_beside_a_stream() -> None:
    made = {"pool": Batches(), "validation": (X, Y), "class_weight": {0: 2.0}}
    assert attached(Ramp(broken=lambda _: made)).class_weight == {0: 2.0}


def test_arrays_beside_a_stream_stay_arrays() -> None:
    (inputs,) = attached(Streaming(None, ({"text": np.array(["a", "b"], object)},))).splits["validation"]
    assert inputs["text"].tolist() == ["a", "b"]
