"""The weights of classes become weights of the examples."""

import numpy as np
import pytest

from study.data.stream import Stream, StreamFacts
from study.training.class_weight import with_class_weight


@pytest.mark.parametrize("targets", [np.array([0, 2, 1]), np.array([[0], [2], [1]]), np.eye(3)[[0, 2, 1]]])
def test_a_class_has_its_weight_and_1_if_it_has_none(targets: np.ndarray) -> None:
    inputs = np.arange(3)
    _, _, weights = with_class_weight((inputs, targets), {0: 0.5, 2: 3.0})
    assert weights.dtype == np.float32
    assert weights.tolist() == [0.5, 3.0, 1.0]


@pytest.mark.parametrize("own", [np.array([1.0, 2.0, 4.0]), np.array([[1.0], [2.0], [4.0]])])
def test_weights_of_classes_and_of_examples_are_multiplied(own: np.ndarray) -> None:
    _, _, weights = with_class_weight((np.arange(3), np.array([0, 2, 1]), own), {0: 0.5, 2: 3.0})
    assert weights.tolist() == (own * np.array([0.5, 3.0, 1.0]).reshape(-1, *[1] * (own.ndim - 1))).tolist()
    assert with_class_weight((own,), {}) == (own,)


def test_a_stream_keeps_them_for_fit() -> None:
    facts = StreamFacts(examples=20, batches=5, first=(np.arange(4),), fingerprint="")
    stream = Stream(given=lambda seed: None, facts=facts)
    assert with_class_weight(stream, {0: 2.0}).class_weight == {0: 2.0}
    assert with_class_weight(stream, {}) is stream
