"""Asks a trained model: brings inputs into the form that its `predict` takes, and returns its answers."""

from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.nest import Nest, leaves, map_nest
from study.data.nest_file import storable
from study.training.model_inputs import declared_inputs, fixed_batch

if TYPE_CHECKING:
    import keras

TYPES = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
"""The types of inputs that a model may declare and NumPy has."""
_BATCH = 256


def model_inputs(model: "keras.Model", inputs: Nest) -> Nest:
    """Returns inputs as a model's `predict` takes them: texts and whole numbers as they are, others as floats.

    If the model declares a type, numbers get that type.
    """
    import keras  # Here and below: the launcher imports this module for its names and must not load TensorFlow.

    def standard(array: Any, declared: Any) -> np.ndarray:
        values = np.asarray(array)
        if values.dtype.kind not in "biuf":  # Texts.
            return storable(values)
        if declared is not None and declared.dtype in TYPES:
            return values.astype(declared.dtype)
        return values.astype(keras.config.floatx()) if values.dtype.kind in "bf" else values

    return map_nest(standard, inputs, declared_like(model, inputs))


def declared_like(model: "keras.Model", inputs: Nest) -> Nest:
    """Returns the input that a model declares for each of these arrays; `keras.Input` or, if it declares none, None."""
    import keras

    declared = declared_inputs(model)
    by_name = {one.name: one for one in declared}
    if isinstance(inputs, dict) and by_name.keys() <= inputs.keys():
        return {name: map_nest(lambda _, name=name: by_name.get(name), part) for name, part in inputs.items()}
    if len(declared) == len(list(leaves(inputs))):
        return keras.tree.pack_sequence_as(inputs, declared)  # Keras sorts the names of both.
    return map_nest(lambda _: None, inputs)


def predict(model: "keras.Model", inputs: Nest) -> Any:
    """Returns the model's answers to inputs of `model_inputs`."""
    import keras

    def tensor(array: np.ndarray) -> Any:
        return (
            keras.ops.convert_to_tensor(array) if array.dtype.kind in "US" else array
        )  # Keras takes no texts of NumPy's.

    return model.predict(map_nest(tensor, inputs), batch_size=fixed_batch(model) or _BATCH, verbose=0)
