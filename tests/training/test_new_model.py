"""The untrained model of a trial: its seed, its batches and its steps."""

from typing import Any

import numpy as np

from study.task import Settings
from study.training.new_model import batch_size, build, steps
from tests.handwritten import Handwritten
from tests.training.test_example_order import config


def test_steps_count_the_last_partial_batch() -> None:
    assert steps(config()) == 3 * 4
    assert batch_size(config(settings={}, defaults={})) == 32


def test_the_weights_depend_on_the_seed_alone() -> None:
    task = Handwritten()

    def weights(seed: int) -> list[Any]:
        settings = {name: setting.default for name, setting in task.settings.items()}
        weights: list[Any] = build(task, config(settings=settings, defaults=settings, seed=seed)).get_weights()
        return weights

    assert all(np.array_equal(a, b) for a, b in zip(weights(1), weights(1), strict=True))
    assert not np.array_equal(weights(1)[0], weights(2)[0])


def test_the_task_is_told_how_many_steps_there_will_be() -> None:
    class Noting(Handwritten):
        def build(self, settings: Settings, *, steps: int) -> Any:
            return steps

    assert build(Noting(), config()) == 12
