"""Counts the floating-point operations of a model."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def flops(model: "keras.Model") -> int | None:
    """Count the floating-point operations of one forward pass of one example, two for each multiply-add.

    Only convolutions and dense layers are counted, because they do nearly all the work in such models. Returns None if
    the shapes of the model's layers are unknown.
    """
    try:
        return sum(flops(layer) or 0 if hasattr(layer, "layers") else _layer_flops(layer) for layer in model.layers)
    except AttributeError:
        return None


def _layer_flops(layer: Any) -> int:
    kernel = getattr(layer, "kernel", None)
    if kernel is None:
        return 0
    depthwise = type(layer).__name__.startswith("Depthwise")
    channels = math.prod(kernel.shape[-2:]) if depthwise else kernel.shape[-1]
    positions: int = math.prod(layer.output.shape[1:]) // channels
    weights: int = math.prod(kernel.shape)
    return 2 * positions * weights
