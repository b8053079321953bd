"""Turns stored examples into what a model takes, and builds the model on them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.dataset import StoredExamples
from study.training.backends.backend import ToStep

if TYPE_CHECKING:
    import keras

_OWN_LOOP_METHODS = ("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function")
"""If a model overrides one of these methods, it has its own way of training."""


def needs_keras_loop(model: "keras.Model") -> bool:
    """Whether a model must be trained by its own `fit` and `evaluate`."""
    import keras  # Here and below: the launcher imports this module's callers and must not load TensorFlow.

    if any(getattr(type(model), method) is not getattr(keras.Model, method) for method in _OWN_LOOP_METHODS):
        return True
    # If JAX may not compile a model, it must run operation by operation. On TensorFlow a graph works without XLA.
    return bool(model.run_eagerly or (keras.backend.backend() == "jax" and not model.jit_compile))


def conversion(model: "keras.Model", examples: StoredExamples) -> ToStep:
    """Returns a function that turns a stored batch into the types of the model's step.

    Inputs get the type that the model declares. Other arrays become floats if `fit` would turn them into floats.
    """
    import keras

    declared = declared_inputs(model)
    types = [keras.config.floatx() if array.dtype.kind in "bf" else None for array in examples]
    if declared:
        types[0] = declared[0].dtype
    return lambda *batch: tuple(keras.ops.cast(b, type_) if type_ else b for b, type_ in zip(batch, types, strict=True))


def declared_inputs(model: "keras.Model") -> list[Any]:
    """Returns the inputs that a model declares. A model that is a class of its own declares none."""
    return list(getattr(model, "inputs", None) or [])


def first_batch(model: "keras.Model", examples: StoredExamples, *, count: int) -> tuple[Any, ...]:
    """Returns the first `count` examples as the model's step takes them; more or fewer if its batch size is fixed."""
    import keras

    declared = declared_inputs(model)
    rows = np.arange((declared[0].shape[0] if declared else None) or min(count, len(examples[0])))
    batch = (keras.ops.convert_to_tensor(array[rows % len(array)]) for array in examples)
    return conversion(model, examples)(*batch)


def build_on(model: "keras.Model", examples: StoredExamples, *, batch: int) -> None:
    """Make the variables that a compiled model, its metrics and its optimizer still lack. Nothing is trained."""
    import keras

    if isinstance(model, keras.Sequential) and not model.built:
        model.build((None, *examples[0].shape[1:]))  # A batch would fix the model's batch size.
    inputs_and_targets = first_batch(model, examples, count=batch)
    if needs_keras_loop(model):
        _build_layers(model, inputs_and_targets[0])
    else:
        # The variables of the metrics must exist before a loop is compiled. Keras has no public method.
        try:
            model._symbolic_build(data_batch=inputs_and_targets)
        except RuntimeError as error:  # Keras hides the error of the user's code in its own.
            raise error.__context__ or error from None


def has_weights(model: "keras.Model") -> bool:
    """Whether a model has its weights after `build_on`. A model with its own way of training may make them later."""
    return not needs_keras_loop(model) or _is_built(model)


def _is_built(model: "keras.Model") -> bool:
    return all(layer.built for layer in model._flatten_layers())


def _build_layers(model: "keras.Model", inputs: Any) -> None:
    """Make the weights of a model with its own way of training. Does nothing if the model cannot be called."""
    import keras
    from keras.src import backend

    if _is_built(model):
        return
    try:
        symbolic = keras.KerasTensor(inputs.shape, keras.backend.standardize_dtype(inputs.dtype))
        backend.compute_output_spec(model, symbolic, training=False)
    except Exception:  # This is the user's code. Perhaps only its own `fit` can run it.
        return
