"""A changed model is compiled as it was, and its optimizer goes on where it was."""

from typing import Any

import keras
import numpy as np
import pytest

from study.training.surgery.compiling import compile_like
from study.training.surgery.misfit import MisfitError
from tests.training.surgery.models import INPUTS, batch, chain, compiled


def shorter(model: Any) -> Any:
    """The same layers without the second convolution."""
    return keras.Sequential([keras.Input(INPUTS), *(layer for layer in model.layers if layer.name != "conv_2")])


def trained(**changes: Any) -> Any:
    model = compiled(chain(), **changes)
    for _ in range(3):
        model.train_on_batch(*batch(model))
    return model


def test_losses_metrics_and_switches_are_carried_over() -> None:
    model = compiled(chain(), loss=keras.losses.Huber(0.5), metrics=[keras.metrics.MeanAbsoluteError(name="off")])
    now = shorter(model)
    compile_like(now, model)
    assert now.optimizer is model.optimizer
    assert now.run_eagerly
    assert now._compile_config.config == model._compile_config.config
    assert {*now.train_on_batch(*batch(now), return_dict=True)} == {"loss", "off"}


def test_an_optimizer_keeps_its_steps_and_what_it_knows_of_the_weights_that_stay() -> None:
    model = trained(optimizer=keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.9)))
    before = model.optimizer
    now = shorter(model)
    compile_like(now, model)
    assert now.optimizer is not before
    assert int(now.optimizer.iterations) == 3
    places = {id(weight): place for place, weight in enumerate(before._trainable_variables)}
    for weight, momentum in zip(now.optimizer._trainable_variables, now.optimizer._momentums, strict=True):
        np.testing.assert_array_equal(momentum, before._momentums[places[id(weight)]])
    assert float(now.optimizer.learning_rate) == pytest.approx(0.1 * 0.9**3)


def test_it_forgets_weights_that_were_drawn_anew() -> None:
    model = trained()
    forget = {id(weight) for weight in model.get_layer("conv_1").weights}
    before = [np.array(momentum) for momentum in model.optimizer._momentums]
    compile_like(model, model, forget=forget)
    assert not np.any(model.optimizer._momentums[0])
    np.testing.assert_array_equal(model.optimizer._momentums[2], before[2])


def test_a_scaled_loss_stays_scaled_and_averages_stay() -> None:
    inner = keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True)
    model = trained(optimizer=keras.optimizers.LossScaleOptimizer(inner))
    scale = float(model.optimizer.dynamic_scale)
    average = np.array(inner._model_variables_moving_average[0])
    compile_like(model, model)
    assert float(model.optimizer.dynamic_scale) == scale
    assert model.optimizer.inner_optimizer is not inner
    np.testing.assert_array_equal(model.optimizer.inner_optimizer._model_variables_moving_average[0], average)


class Mine(keras.Sequential):  # type: ignore[misc]
    def compile(self, *arguments: Any, **named: Any) -> None:
        super().compile(*arguments, **named)


def test_a_class_that_compiles_by_itself_is_refused() -> None:
    model = compiled(Mine([keras.Input((3,)), keras.layers.Dense(1)]))
    with pytest.raises(MisfitError, match=r"Mine overrides compile\(\)"):
        compile_like(model, model)
