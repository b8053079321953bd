"""Counts the floating-point operations of a model."""

from typing import TYPE_CHECKING, Any

from study.data.nest import count
from study.training.backends import backend as backends
from study.training.backends.backend import UnknownFlopsError

if TYPE_CHECKING:
    import keras


def flops(model: "keras.Model", inputs: Any) -> int | None:
    """Count the floating-point operations of one forward pass of one example, two for each multiply-add.

    Only the products of matrices and the convolutions in the pass are counted, because they do nearly all the work.
    `inputs` is a batch that the model takes. Returns None if something in the pass cannot be counted.
    """
    try:
        return backends.load().forward_flops(model, inputs) // count(inputs)
    except UnknownFlopsError:
        return None
    except Exception:  # The pass is the user's code. One that brings its own training may not take these inputs.
        return _declared_flops(model)


def _declared_flops(model: "keras.Model") -> int | None:
    """Count the same for one example as the model declares its inputs; None if it declares none or their shapes."""
    import keras  # Here, because the launcher imports this module's callers and must not load TensorFlow.

    try:
        example = keras.tree.map_structure(lambda one: keras.ops.zeros((1, *one.shape[1:]), one.dtype), model.input)
        return backends.load().forward_flops(model, example)
    except Exception:
        return None
