"""The signature of a logged model: the type and shape of each array that it takes and that it answers with."""

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from study.data.nest import Nest, leaves, map_nest
from study.data.nest_file import storable
from study.training.loading_code import TEXTS, SampleArray
from study.training.model_samples import sample_names

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from mlflow.types import TensorSpec


def model_signature(model: keras.Model, arrays: Nest, answers: Nest) -> "ModelSignature":
    """Returns the signature of a model that gave these answers. `arrays` describe its inputs.

    The arrays of a nest are named by their places. A size that the model does not fix is -1.
    """
    # Not at the top, here and below: MLflow must be quietened before it is imported.
    from mlflow.models import ModelSignature
    from mlflow.types import Schema

    inputs = [_spec(_name(arrays, one.name), _type(one), one.shape) for one in leaves(arrays)]
    outputs = map_nest(
        lambda name, answer, shape: _spec(_name(answers, name), _answer_type(answer), shape),
        *(sample_names(answers), answers, _shapes(model, answers)),
    )
    return ModelSignature(Schema([*inputs]), Schema([*leaves(outputs)]))


def _name(nest: Nest, name: str) -> str | None:
    return name if isinstance(nest, dict | list | tuple) else None


def _type(array: SampleArray) -> str:
    return "str" if array.type == TEXTS else array.type


def _answer_type(answer: Any) -> Any:
    dtype = storable(answer).dtype
    return "str" if dtype.kind in "SU" else dtype


def _shapes(model: keras.Model, answers: Nest) -> Nest:
    """Returns the shape of each answer to one example, with None for a size that the model leaves open."""
    declared = [_Shape(one.shape[1:]) for one in getattr(model, "outputs", None) or []]
    if len(declared) == len(list(leaves(answers))):
        return keras.tree.pack_sequence_as(answers, declared)  # Keras sorts the names of both.
    return map_nest(lambda answer: _Shape(np.shape(answer)[1:]), answers)


class _Shape:
    """A shape that is no nest."""

    def __init__(self, sizes: Any) -> None:
        self.sizes = tuple(sizes)


def _spec(name: str | None, type_: Any, shape: Any) -> "TensorSpec":
    from mlflow.types import TensorSpec

    sizes = shape.sizes if isinstance(shape, _Shape) else shape
    return TensorSpec(np.dtype(type_), (-1, *(-1 if size is None else size for size in sizes)), name)
