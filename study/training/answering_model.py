"""Finds what answers in a trained model: all that does not only train it, or the parts of a model without `call`.

This module loads Keras, so that a launcher must not import it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import keras

_ALL = "_layers"
"""The attribute in which Keras lists all layers of a model once more."""
WHOLE = "model"
"""The name of a model that answers as a whole."""


def answering_models(model: keras.Model) -> Mapping[str, keras.Model]:
    """Returns each model that answers, by its name. A model whose class has no `call` answers by its parts.

    A GAN has such a class: its generator and its discriminator answer, and each has the name of its attribute. Empty if
    there is no such part either.
    """
    return {WHOLE: inference_model(model)} if _answers(model) else dict(_parts(model))


def _answers(model: keras.Model) -> bool:
    return bool(getattr(model, "inputs", None)) or type(model).call is not keras.Model.call


def _parts(model: keras.Model) -> Iterator[tuple[str, keras.Model]]:
    for name, part in vars(model).items():
        if name == _ALL:
            continue
        several = part if isinstance(part, list | tuple) else [part]
        for number, one in enumerate(several):
            if isinstance(one, keras.Model) and one is not model and one.built and _answers(one):
                yield name.strip("_") + (f"_{number}" if several is part else ""), inference_model(one)


def inference_model(model: keras.Model) -> keras.Model:
    """Returns the model without optimizer, loss and metrics.

    A file with them might not load without the code of the task.
    """
    if not getattr(model, "inputs", None) or _has_own_call(model):
        return model
    if isinstance(model, keras.Sequential):  # Such a model has no `input` and `output` before its first call.
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    return keras.Model(model.input, model.output, name=model.name)


def _has_own_call(model: Any) -> bool:
    """Whether the user's class says how the model answers, and not its inputs and outputs alone."""
    kinds = [kind for kind in type(model).__mro__ if not kind.__module__.startswith("keras.")]
    return any("call" in vars(kind) for kind in kinds)
