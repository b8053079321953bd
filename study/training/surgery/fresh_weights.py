"""Draws the weights of a layer anew, as when its model was built."""

from typing import Any

import keras

from study.training import keras_state
from study.training.surgery.misfit import MisfitError, reason_of


def draw_anew(layer: Any, *, seed: int) -> list[Any]:
    """Give a layer the weights that it gets when it is made with this seed. Returns the weights.

    Raises MisfitError if it has none, or if Keras cannot make such a layer again.
    """
    weights = list(getattr(layer, "weights", ()))
    if not weights:
        raise MisfitError(f"{layer.name} has no weights")
    if hasattr(layer, "adapt"):
        raise MisfitError(f"{layer.name} got its weights from the data, by adapt()")
    keras_state.seed(seed)
    try:
        twin = _twin(layer)
        values = [keras.ops.convert_to_numpy(weight) for weight in twin.weights]
    except Exception as error:  # The class may be the user's.
        raise MisfitError(f"{layer.name} cannot be made again: {reason_of(error)}") from error
    if [value.shape for value in values] != [tuple(weight.shape) for weight in weights]:
        raise MisfitError(f"{layer.name} gets other weights when it is made again from its configuration")
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)
    return weights


def _twin(layer: Any) -> Any:
    twin = type(layer).from_config(layer.get_config())
    if not twin.built:
        twin.build_from_config(layer.get_build_config())
    return twin
