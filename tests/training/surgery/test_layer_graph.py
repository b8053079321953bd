"""Graphs rebuilt around layers that are left out or replaced."""

from typing import Any

import keras
import numpy as np
import pytest

from study.training.surgery.layer_graph import Changes, rebuilt
from study.training.surgery.misfit import MisfitError
from tests.training.surgery.models import batch, chain, nested, residual, towers


def removed(model: Any, *names: str, **more: Any) -> Any:
    return rebuilt(model, Changes(frozenset(id(model.get_layer(name)) for name in names), **more))


def test_a_model_without_changes_is_the_same_object() -> None:
    model = chain()
    assert rebuilt(model, Changes()) is model


@pytest.mark.parametrize("made", [chain, residual, towers, nested])
def test_a_rebuilt_model_has_the_same_layers_inputs_and_answers(made: Any) -> None:
    model = made()
    # A replaced answer changes nothing but the object.
    answer = model.layers[-1]
    twin = type(answer).from_config(answer.get_config())
    now = rebuilt(model, Changes(replaced={id(answer): twin}))
    twin.set_weights(answer.get_weights())
    assert type(now) is type(model)
    assert now.name == model.name
    assert [layer for layer in now.layers if layer is not twin] == [
        layer for layer in model.layers if layer is not answer
    ]
    inputs, _ = batch(model)
    for new, old in zip(*(keras.tree.flatten(each(inputs)) for each in (now, model)), strict=True):
        np.testing.assert_array_equal(new, old)


def test_a_rebuilt_model_can_be_saved_and_loaded(tmp_path: Any) -> None:
    for made, names in ((chain, ["conv_2"]), (residual, ["block_1", "block_2"]), (towers, ["think"])):
        model = made()
        now = removed(model, *names, mend=True)
        now.save(tmp_path / "model.keras")
        inputs, _ = batch(now)
        again = keras.models.load_model(tmp_path / "model.keras", compile=False)
        for new, old in zip(*(keras.tree.flatten(each(inputs)) for each in (again, now)), strict=True):
            np.testing.assert_array_equal(new, old)


def test_an_input_without_layers_behind_it_stays_an_input(tmp_path: Any) -> None:
    now = removed(towers(), "read", mend=True)
    assert {*now._inputs_struct} == {"image", "table"}
    now.save(tmp_path / "model.keras")
    assert {*keras.models.load_model(tmp_path / "model.keras", compile=False)._inputs_struct} == {"image", "table"}


class Train(keras.Model):  # type: ignore[misc]
    """A functional model with a way of training of its own."""

    def train_step(self, data: Any) -> Any:
        return {"loss": 0.0}


class Made(keras.Model):  # type: ignore[misc]
    """A functional model that is made from something else than inputs and outputs."""

    def __init__(self, units: int) -> None:
        x = inputs = keras.Input((4,))
        x = keras.layers.Dense(units, name="hidden")(x)
        super().__init__(inputs, keras.layers.Dense(1)(x))


def test_a_class_is_kept_or_refused() -> None:
    x = inputs = keras.Input((4,))
    x = keras.layers.Dense(4, name="hidden")(x)
    assert type(removed(Train(inputs, keras.layers.Dense(1)(x)), "hidden")) is Train
    with pytest.raises(MisfitError, match="Made cannot be made anew with other layers: "):
        removed(Made(4), "hidden")


def test_words_do_not_become_numbers() -> None:
    x = inputs = keras.Input((3,), dtype="string")
    x = keras.layers.StringLookup(vocabulary=["a", "b"], name="lookup", output_mode="multi_hot")(x)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    with pytest.raises(MisfitError, match="lookup turns string into float32, which the next layer needs"):
        removed(model, "lookup")


def test_a_layer_of_several_outputs_is_refused() -> None:
    x = inputs = keras.Input((5, 4))
    x, state = keras.layers.GRU(4, return_sequences=True, return_state=True, name="memory")(x)
    model = keras.Model(inputs, [x, state])
    with pytest.raises(MisfitError, match="memory gives 2 outputs"):
        removed(model, "memory")


def test_an_answer_keeps_its_shape() -> None:
    x = inputs = keras.Input((4, 4, 3))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, name="answer")(x))
    with pytest.raises(MisfitError, match=r"answer was built for \(3\) and would get \(4, 4, 3\)"):
        removed(model, "pool")
