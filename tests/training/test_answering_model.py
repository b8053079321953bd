"""What answers in a model is kept, and what only trains it is left out."""

from typing import Any

import keras
import numpy as np

from study.training.answering_model import WHOLE, answering_models, inference_model
from tests.user_tasks.many_models import make

ROWS = np.ones((2, 3), np.float32)


class OwnFit(keras.Model):  # type: ignore[misc]
    def fit(self, *given: Any, **options: Any) -> Any:
        raise NotImplementedError


class OwnCall(keras.Model):  # type: ignore[misc]
    def call(self, inputs: Any) -> Any:
        return -super().call(inputs)


class Ensemble(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.members = [make("plain")[0], make("plain")[0]]
        self._teacher = make("plain")[0]
        self.unbuilt = keras.Sequential([keras.layers.Dense(2)])


def test_what_trains_a_model_is_left_out_and_what_answers_is_not() -> None:
    inputs = keras.Input((3,))
    outputs = keras.layers.Dense(2)(inputs)
    compiled = OwnFit(inputs, outputs)
    compiled.compile(loss="mse")
    assert not inference_model(compiled).compiled
    assert not isinstance(inference_model(compiled), OwnFit)
    own = OwnCall(inputs, outputs)
    assert inference_model(own) is own
    assert inference_model(make("plain")[0]).input_shape == (None, 3)
    several = keras.Model([inputs, keras.Input((1,))], {"a": outputs})
    assert [one.shape for one in inference_model(several).inputs] == [(None, 3), (None, 1)]
    late = keras.Model()
    assert inference_model(late) is late


def test_a_model_with_call_answers_as_a_whole() -> None:
    for name in ("plain", "dict_outputs", "subclassed"):
        assert list(answering_models(make(name)[0])) == [WHOLE]


def test_a_model_without_call_answers_by_its_parts() -> None:
    assert list(answering_models(make("Gan"))) == ["generator", "discriminator"]
    assert list(answering_models(Ensemble())) == ["members_0", "members_1", "teacher"]
    assert answering_models(keras.Model()) == {}
