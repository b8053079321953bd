"""The numbers by which settings are checked are those that the data and the model keep to."""

import numpy as np
import pytest

from study.tasks.qr_digits import SETTINGS, task
from study.tasks.qr_digits.limits import DOWNSAMPLED, MOST_SEEDS, SIZES
from study.tasks.qr_digits.version_1 import SIZE


def test_the_largest_data_seed_is_below_every_fresh_one() -> None:
    assert SETTINGS["data_seed"].high == MOST_SEEDS - 1
    settings = {name: setting.default for name, setting in SETTINGS.items()}
    inputs, targets = task.fresh(settings, count=2, seed=0)
    assert np.shape(inputs) == (2, SIZE, SIZE, 1)
    assert np.shape(targets) == (2, 1, 6, 10)


def test_the_sizes_are_the_articles() -> None:
    assert SIZES == {"pool": 30_000, "validation": 10_000, "test": 10_000}
    assert (task.fidelity.train_examples, task.fidelity.validation_examples) == (30_000, 10_000)


@pytest.mark.parametrize(("depth", "refused"), [(DOWNSAMPLED[0] - 1, True), (DOWNSAMPLED[0], False)])
def test_downsampling_takes_a_convolution_before_it(depth: int, *, refused: bool) -> None:
    settings = {name: setting.default for name, setting in SETTINGS.items()}
    assert bool(task.problems({**settings, "downsampling": "stride", "conv_depth": depth})) == refused
