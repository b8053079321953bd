"""Steps that a model's class has in place of Keras's own, which the backend must be able to call."""

import inspect
from typing import TYPE_CHECKING, Any

from study.training.backends import backend as backends
from study.training.model_inputs import overrides

if TYPE_CHECKING:
    import keras

_ON_JAX: tuple[str, ...] = ("state", "data")
_ELSEWHERE: tuple[str, ...] = ("data",)
"""What Keras hands over to a step."""


def misfit(model: "keras.Model") -> str:
    """Returns why the backend cannot call a step of the model's class, or an empty text."""
    wanted, others, there = _ELSEWHERE, _ON_JAX, "JAX"
    if backends.name() == "jax":
        wanted, others, there = _ON_JAX, _ELSEWHERE, "TensorFlow or PyTorch"
    for name in ("train_step", "test_step"):
        if overrides(model, name) and _needed(getattr(type(model), name)) == len(others):
            call = f"{name}({', '.join(wanted)})"
            return f"whose `{name}` is written for {there}; with KERAS_BACKEND={backends.name()} Keras calls {call}"
    return ""


def _needed(step: Any) -> int:
    """Returns how many values a step needs besides the model; 0 if it takes any number."""
    function = getattr(step, "python_function", step)  # That of a `tf.function`.
    parameters = list(inspect.signature(function).parameters.values())
    if any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.kind in kinds and one.default is inspect.Parameter.empty for one in parameters[1:])
