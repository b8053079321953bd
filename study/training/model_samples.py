"""A few inputs of a trained model, and its answers to them, as files that a process without the task can read."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from study.data.nest import Nest, leaves, map_nest, take
from study.data.nest_file import write_arrays
from study.training.fresh_opening import RANDOM, brief, flat
from study.training.loading_code import TEXTS, SampleArray, SampleFile
from study.training.model_answers import TYPES, declared_like, model_inputs, predict
from study.training.model_inputs import declared_inputs, fixed_batch

SAMPLE_INPUTS, SAMPLE_ANSWERS = "sample_inputs.npz", "sample_answers.npz"
"""Files of the sample inputs, and of the model's answers to them."""
_SAMPLES = 4


def sample_inputs(model: keras.Model, examples: Nest) -> Nest:
    """Returns the first few inputs as `predict` takes them; so many as a batch has if the model fixes its size."""
    return model_inputs(model, take(examples, np.arange(fixed_batch(model) or _SAMPLES) % len(next(leaves(examples)))))


def part_inputs(part: keras.Model, inputs: Nest) -> tuple[Nest, str]:
    """Returns sample inputs for a part of a model, and a note if they are drawn because the data's do not fit it."""
    if not declared_inputs(part) or all(leaves(map_nest(_fits, inputs, declared_like(part, inputs)))):
        return sample_inputs(part, inputs), ""
    return _drawn(
        part
    ), "\n\nThe sample inputs are drawn at random, because the data's own inputs do not fit this part."


def _fits(array: Any, declared: Any) -> bool:
    if declared is None:
        return False
    sizes = zip(array.shape[1:], declared.shape[1:], strict=False)
    return len(array.shape) == len(declared.shape) and all(theirs in (None, ours) for ours, theirs in sizes)


def _drawn(part: keras.Model) -> Nest:
    chance = np.random.default_rng(0)

    def draw(declared: Any) -> np.ndarray:
        shape = (declared.shape[0] or _SAMPLES, *(size or 1 for size in declared.shape[1:]))
        whole = "int" in declared.dtype
        values = chance.integers(0, 2, shape) if whole else chance.standard_normal(shape)
        return values.astype(declared.dtype if declared.dtype in TYPES else "float32")

    return keras.tree.map_structure(draw, part.input)


def write_inputs(model: keras.Model, inputs: Nest, path: Path) -> SampleFile:
    """Write inputs of `model_inputs` to a file. Returns how they lie in it."""
    names = sample_names(inputs)
    arrays = map_nest(_sample_array, names, inputs, declared_like(model, inputs))
    write_arrays(path, dict(zip(leaves(names), leaves(inputs), strict=True)))
    return SampleFile(path.name, arrays)


def _sample_array(name: str, array: np.ndarray, declared: Any) -> SampleArray:
    like = declared is not None and len(declared.shape) == array.ndim
    shape = tuple(declared.shape[1:]) if like else array.shape[1:]
    return SampleArray(name, TEXTS if array.dtype.kind in "US" else array.dtype.name, shape)


def sample_names(nest: Nest) -> Nest:
    """Returns a different name for each array of a nest: its place in it, or `inputs` for a single array."""
    places = _places(nest, "")
    names = list(leaves(places))
    if len({*names}) == len(names) and all(name.isprintable() for name in names):
        return places
    numbered = iter(range(len(names)))
    return map_nest(lambda _: f"input_{next(numbered)}", nest)


def _places(nest: Nest, place: str) -> Nest:
    before = f"{place}/" if place else ""
    if isinstance(nest, dict):
        return {name: _places(part, f"{before}{name}") for name, part in nest.items()}
    if isinstance(nest, tuple | list):
        return type(nest)([_places(part, f"{before}{number}") for number, part in enumerate(nest)])
    return None if nest is None else place or "inputs"


def write_answers(model: keras.Model, inputs: Nest, path: Path) -> str:
    """Write the model's answers to inputs of `model_inputs`. Returns why the model gives none, or an empty text."""
    try:
        first, second = (flat(predict(model, inputs)) for _ in range(2))
    except Exception as error:  # The user's code: a model with its own way of training may answer nothing.
        return f"it gives no answers ({brief(error)})"
    random = [not np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(first, second, strict=True)]
    write_arrays(
        path, {f"{n}{RANDOM * draws}": array for n, (array, draws) in enumerate(zip(first, random, strict=True))}
    )
    return ""
