"""Turns stored examples into what a model takes, and builds the model on them."""

from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.dataset import SplitData, StoredExamples
from study.data.nest import Nest, count, leaves, map_nest, take
from study.data.stream import Stream
from study.errors import DataError, TaskError
from study.training.backends.backend import ToStep

if TYPE_CHECKING:
    import keras

VALIDATION_BATCH = 256
"""Examples that a model gets at once if it trains on none of them."""
_OWN_LOOP_METHODS = ("fit", "evaluate", "train_step", "test_step", "make_train_function", "make_test_function")
"""If a model overrides one of these methods, it has its own way of training."""


def overrides(model: "keras.Model", *methods: str) -> bool:
    """Whether the class of a model overrides one of these methods of Keras's own class."""
    import keras  # Here and below: the launcher imports this module's callers and must not load TensorFlow.

    return any(getattr(type(model), method) is not getattr(keras.Model, method) for method in methods)


def needs_keras_loop(model: "keras.Model") -> bool:
    """Whether a model must be trained by its own `fit` and `evaluate`."""
    import keras

    if overrides(model, *_OWN_LOOP_METHODS):
        return True
    # If JAX may not compile a model, it must run operation by operation. On TensorFlow a graph works without XLA.
    return bool(model.run_eagerly or (keras.backend.backend() == "jax" and not model.jit_compile))


def some_examples(examples: SplitData) -> Nest:
    """Returns examples as nests of arrays: of a stream its first batch, else all."""
    return examples.facts.first if isinstance(examples, Stream) else examples


def conversion(examples: StoredExamples) -> ToStep:
    """Returns a function that turns a stored batch of these examples into what `fit` would hand to the model's step.

    Floats get Keras's own type. So do truth values, because not every layer, loss and metric takes them. A model turns
    its inputs itself into the types that it declares. A single weight of an example counts for each of its targets.
    Raises DataError if the backend has no texts.
    """
    import keras

    if keras.backend.backend() != "tensorflow" and any(array.dtype.kind in "OSU" for array in leaves(examples)):
        raise DataError(
            "the data hold texts, which only KERAS_BACKEND=tensorflow takes; turn them into numbers in data()"
        )
    types = map_nest(lambda array: keras.config.floatx() if array.dtype.kind in "bf" else "", examples)

    def to_step(batch: StoredExamples) -> StoredExamples:
        cast = map_nest(lambda type_, array: keras.ops.cast(array, type_) if type_ else array, types, batch)
        return _with_weight_for_each_target(cast)

    return to_step


def _with_weight_for_each_target(batch: StoredExamples) -> StoredExamples:
    if len(batch) < 3:
        return batch
    inputs, targets, weights = batch
    several = isinstance(targets, dict | list | tuple) and not isinstance(weights, dict | list | tuple)
    return inputs, targets, map_nest(lambda _: weights, targets) if several else weights


def declared_inputs(model: "keras.Model") -> list[Any]:
    """Returns the inputs that a model declares. A model that is a class of its own declares none."""
    return list(getattr(model, "inputs", None) or [])


def first_batch(model: "keras.Model", examples: SplitData, *, size: int) -> Nest:
    """Returns the first examples as the model's step takes them, `size` or fewer; others if its batch size is fixed."""
    import keras

    if isinstance(examples, Stream):  # As it is, because Keras hands it over as it is.
        return map_nest(keras.ops.convert_to_tensor, take(examples.facts.first, slice(size)))
    total = count(examples)
    rows = np.arange(fixed_batch(model) or min(size, total)) % total
    return conversion(examples)(map_nest(keras.ops.convert_to_tensor, take(examples, rows)))


def fixed_batch(model: "keras.Model") -> int | None:
    """Returns the batch size that a model declares for its inputs, or None if it takes batches of any size."""
    return next((size for declared in declared_inputs(model) if (size := declared.shape[0])), None)


def check_batches(model: "keras.Model", count: int, *, batch: int) -> None:
    """Raise TaskError if a layer keeps states for batches of one size, and not all batches have that size."""
    size = fixed_batch(model)
    if not size or not any(getattr(layer, "stateful", False) for layer in model._flatten_layers()):
        return
    states = f"a stateful layer keeps states for batches of {size} examples"
    if batch != size:
        raise TaskError(f"{states}, and the training has batches of {batch}; set batch_size = {size}")
    if count % size:
        raise TaskError(f"{states}, and {count:,} examples cannot be divided into such; take {count - count % size:,}")


def build_on(model: "keras.Model", examples: SplitData, *, batch: int) -> None:
    """Make the variables that a compiled model, its metrics and its optimizer still lack. Nothing is trained."""
    import keras

    first = first_batch(model, examples, size=batch)
    if isinstance(model, keras.Sequential) and not model.built:
        # A batch would fix the model's batch size.
        model.build(map_nest(lambda array: (None, *array.shape[1:]), first[0]))
    if needs_keras_loop(model):
        _build_layers(model, first[0])
    else:
        # The variables of the metrics must exist before a loop is compiled. Keras has no public method.
        try:
            model._symbolic_build(data_batch=first)
        except RuntimeError as error:  # Keras hides the error of the user's code in its own.
            raise error.__context__ or error from None


def has_weights(model: "keras.Model") -> bool:
    """Whether a model has its weights after `build_on`. A model with its own way of training may make them later."""
    return not needs_keras_loop(model) or _is_built(model)


def _is_built(model: "keras.Model") -> bool:
    return all(layer.built for layer in model._flatten_layers())


def _build_layers(model: "keras.Model", inputs: Nest) -> None:
    """Make the weights of a model with its own way of training. Does nothing if the model cannot be called."""
    import keras
    from keras.src import backend

    if _is_built(model):
        return
    try:
        symbolic = map_nest(
            lambda one: keras.KerasTensor(one.shape, keras.backend.standardize_dtype(one.dtype)), inputs
        )
        backend.compute_output_spec(model, symbolic, training=False)
    except Exception:  # This is the user's code. Perhaps only its own `fit` can run it.
        return
