"""One epoch by Keras's own loops: it leaves averages alone, and says why a model cannot be validated."""

from typing import Any

import keras
import numpy as np
import pytest

from study.training.keras_loop import cannot_answer, evaluate, fit_epoch
from tests.training.unvalidated_models import NoAnswer, NoLoss

X, Y = np.ones((6, 2), np.float32), np.ones((6, 1), np.float32)


def network(**options: Any) -> keras.Model:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1, **options), "mse")
    return model


def test_an_epoch_is_one_of_fit_but_for_the_averages() -> None:
    ours, theirs = network(use_ema=True), network()
    logs = fit_epoch(ours, None, epoch=3, x=X, y=Y, batch_size=3)
    fitted = theirs.fit(X, Y, batch_size=3, shuffle=False, verbose=0)
    assert logs == {"loss": fitted.history["loss"][0]}
    assert fitted.params["epochs"] == 1
    for weight, same in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert (weight == same).all()
    ours.optimizer.finalize_variable_values(ours.trainable_weights)
    assert (ours.get_weights()[0] != theirs.get_weights()[0]).any()
    assert evaluate(ours, None, x=X, y=Y) == {"loss": ours.evaluate(X, Y, verbose=0)}


def test_a_model_without_a_loss_is_not_validated(capsys: pytest.CaptureFixture[str]) -> None:
    model = NoLoss()
    model.compile("sgd")
    assert evaluate(model, None, x=X, y=Y) == {}
    assert "This model is not validated, because it is compiled without a loss" in capsys.readouterr().out


def test_only_a_model_without_call_and_without_steps_cannot_answer() -> None:
    assert cannot_answer(NoAnswer())
    assert not cannot_answer(NoLoss())
    assert not cannot_answer(network())
