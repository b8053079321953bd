"""Shapes mended by a linear layer that looks at each place by itself."""

from collections.abc import Sequence

import keras
import numpy as np
import pytest

from study.training.surgery.misfit import MisfitError
from study.training.surgery.projection import project

Shape = Sequence[int | None]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((None, 5), (None, 3)),
        ((None, 7, 5), (None, 7, 3)),
        ((None, None, 5), (None, None, 3)),
        ((None, 28, 28, 1), (None, 26, 26, 32)),
        ((None, 28, 28, 4), (None, 14, 14, 4)),
        ((None, 7, 7, 4), (None, 4, 4, 8)),
        ((None, 27, 13, 4), (None, 13, 13, 8)),
        ((None, 9, 9, 4), (None, 1, 1, 8)),
        ((None, 6, 4, 4), (None, 4, 2, 8)),
        ((None, 4, 4, 4, 1), (None, 2, 2, 2, 3)),
    ],
)
def test_channels_are_projected_and_places_chosen_evenly(given: Shape, wanted: Shape) -> None:
    tensor = keras.Input(given[1:])
    made = project(tensor, wanted, name="mended", dtype="float32")
    assert tuple(made.shape) == tuple(wanted)


def test_places_at_the_middle_stay() -> None:
    tensor = keras.Input((5, 1))
    model = keras.Model(tensor, project(tensor, (None, 3, 1), name="mended", dtype="float32"))
    model.set_weights([np.ones((1, 1, 1)), np.zeros(1)])
    assert model(np.arange(5.0).reshape(1, 5, 1)).numpy().ravel().tolist() == [0.0, 2.0, 4.0]
    tensor = keras.Input((4, 1))
    model = keras.Model(tensor, project(tensor, (None, 3, 1), name="mended", dtype="float32"))
    model.set_weights([np.ones((1, 1, 1)), np.zeros(1)])
    assert model(np.arange(4.0).reshape(1, 4, 1)).numpy().ravel().tolist() == [0.0, 1.0, 2.0]


def test_channels_may_come_first() -> None:
    made = project(keras.Input((3, 8, 8)), (None, 5, 4, 4), name="mended", dtype="float32", channels_first=True)
    assert tuple(made.shape) == (None, 5, 4, 4)


@pytest.mark.parametrize(
    ("given", "wanted", "reason"),
    [
        ((None, 7, 7, 4), (None, 4), r"cannot make \(4\) of \(7, 7, 4\)"),
        ((None, 4, 4, 2), (None, 8, 8, 2), r"cannot enlarge \(4, 4, 2\) to \(8, 8, 2\)"),
        ((None, None, 2), (None, 8, 2), r"cannot enlarge \(any, 2\) to \(8, 2\)"),
    ],
)
def test_what_no_projection_can_do_is_refused(given: Shape, wanted: Shape, reason: str) -> None:
    with pytest.raises(MisfitError, match=reason):
        project(keras.Input(given[1:]), wanted, name="mended", dtype="float32")
