"""Compiles a changed model as it was compiled before, and keeps what its optimizer has learned about its weights."""

from collections.abc import Collection, Iterator
from typing import Any

import keras

from study.training.surgery.misfit import MisfitError, reason_of


def compile_like(model: Any, before: Any, *, forget: Collection[int] = ()) -> None:
    """Compile a model with the optimizer, losses and metrics of `before`, which may be the same model.

    What the optimizer keeps about each weight that both models train stays, except about the weights whose `id` is in
    `forget`. Raises MisfitError if the class of the model compiles itself in a way of its own.
    """
    if type(model).compile is not keras.Model.compile:
        raise MisfitError(f"{type(before).__name__} overrides compile(), so that it cannot be compiled again as it was")
    asked = dict(before._compile_config.config)
    optimizer = before.optimizer
    if optimizer is not None and optimizer.built:
        asked["optimizer"] = _copy(asked["optimizer"])
    scaled = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    model.compile(**asked, auto_scale_loss=scaled)
    if optimizer is not None and optimizer.built:
        model.optimizer.build(model.trainable_variables)
        _carry_over(optimizer, model.optimizer, forget)


def _copy(optimizer: Any) -> Any:
    """Returns an optimizer of the same kind that knows no weights yet."""
    if isinstance(optimizer, str):
        return optimizer
    try:
        return type(optimizer).from_config(optimizer.get_config())
    except Exception as error:  # The class, or that of its schedule, may be the user's.
        raise MisfitError(f"the optimizer {optimizer.name} cannot be made again: {reason_of(error)}") from error


def _carry_over(before: Any, now: Any, forget: Collection[int]) -> None:
    """Give an optimizer the step count of another one, and its values for the weights that both have."""
    for old, new in zip(_whole(before), _whole(now), strict=True):
        new.assign(old)
    places = {id(weight): place for place, weight in enumerate(before._trainable_variables)}
    for old_values, new_values in zip(_by_weight(before), _by_weight(now), strict=True):
        for weight, new in zip(now._trainable_variables, new_values, strict=True):
            place = places.get(id(weight))
            if place is not None and id(weight) not in forget:
                new.assign(old_values[place])
    inner = getattr(before, "inner_optimizer", None)
    if inner is not None:
        _carry_over(inner, now.inner_optimizer, forget)


def _by_weight(optimizer: Any) -> Iterator[list[Any]]:
    """Yields each of an optimizer's lists of values, one value a weight."""
    count = len(optimizer._trainable_variables)
    for name, values in vars(optimizer).items():
        if name in ("_trainable_variables", "_variables") or not isinstance(values, list) or len(values) != count:
            continue
        if all(isinstance(value, keras.Variable) for value in values):
            yield values


def _whole(optimizer: Any) -> list[Any]:
    """Returns the variables of an optimizer that belong to no weight, such as its step count."""
    of_weights = {id(value) for values in _by_weight(optimizer) for value in values}
    return [variable for variable in optimizer._variables if id(variable) not in of_weights]
