"""The shared generators go on where they were, and draws that nobody can repeat are noted."""

import random

import keras
import numpy as np
import pytest

from study.training import keras_state
from study.training.random_state import read_generators, unrepeatable_draws, write_generators

tensorflow = pytest.importorskip("tensorflow")


def draws() -> list[float]:
    return [
        random.random(),
        float(np.random.random()),
        float(keras.ops.convert_to_numpy(keras.random.normal(()))),
        float(tensorflow.random.normal(())),
        float(tensorflow.random.get_global_generator().normal(())),
    ]


def test_all_go_on_where_they_were() -> None:
    keras_state.seed(5)
    draws()
    states = read_generators()
    expected = draws()
    draws()
    write_generators(states)
    assert draws() == expected


def test_a_generator_that_keras_has_not_made_yet_is_made() -> None:
    keras_state.seed(5)
    keras.random.normal(())
    states = read_generators()
    expected = draws()
    keras_state.seed(5)
    write_generators(states)
    assert draws() == expected


def test_draws_that_count_inside_tensorflow_are_noted() -> None:
    @tensorflow.function  # type: ignore[untyped-decorator]
    def drawn() -> object:
        return tensorflow.random.normal(())

    with unrepeatable_draws() as noted:
        keras.random.normal(())
        tensorflow.random.normal(())
        tensorflow.data.Dataset.range(3).shuffle(3, seed=1)
        tensorflow.function(lambda: keras.random.normal(()))()
        assert noted == []
        drawn()
        assert noted == ["random_normal"]
        tensorflow.random.uniform((), seed=1)
        assert noted == ["random_normal", "random_uniform"]
    tensorflow.random.uniform((), seed=1)
    assert len(noted) == 2
