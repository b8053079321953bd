"""Checks the data that a task makes, and brings them into the form in which they are stored."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from study.data.arrays import ArrayError, as_array, kind_of
from study.data.nest import Nest, count, leaves, map_nest, take
from study.data.stream import STREAM_WAY_OUT, is_stream
from study.space.hints import did_you_mean, some

POOL, VALIDATION = "pool", "validation"
SPLITS = (POOL, VALIDATION, "test")
PARTS = ("inputs", "targets", "sample_weight")
CLASS_WEIGHT = "class_weight"
_FORMS = "(inputs,), (inputs, targets) or (inputs, targets, sample_weight)"
_EXAMPLE = "{'pool': (x, y), 'test': (x_test, y_test)}"
_OTHER_NAMES = dict.fromkeys(("train", "fit"), POOL) | dict.fromkeys(("val", "valid", "dev"), VALIDATION)
"""What others call a split."""
_VALIDATION_SHARE = 0.1
"""The share of the pool, at its end, that is the validation split if a task makes none."""


class SplitsError(Exception):
    """A task's data break a rule. The message says which one, what was given, and the way out."""


@dataclass(frozen=True)
class MadeData:
    """The data that a task made: nests of NumPy arrays, equally many examples in each array of a split; or streams."""

    splits: Mapping[str, Any]
    class_weight: Mapping[int, float] = field(default_factory=dict)
    """The weight of each class in the training; empty if the task gives none."""

    @property
    def streamed(self) -> bool:
        """Whether a split is a stream, so that the data cannot be stored."""
        return any(map(is_stream, self.splits.values()))


def splits_problem(made: object) -> str | None:
    """Returns the rule that a task's data break, or None if they break none."""
    try:
        checked_data(made)
    except SplitsError as problem:
        return str(problem)
    return None


def checked_data(made: object) -> MadeData:
    """Returns what a task's `data` returned as it is stored. Raises SplitsError if it breaks a rule."""
    if not isinstance(made, Mapping):
        raise SplitsError(f"it must be a dict of splits, not {kind_of(made)}; return {_EXAMPLE}")
    if unknown := [name for name in made if name not in (*SPLITS, CLASS_WEIGHT)]:
        names = ", ".join(map(repr, SPLITS))
        raise SplitsError(f"{unknown[0]!r} is not one of {names}{_called(unknown[0])}")
    if POOL not in made:
        raise SplitsError(f"it lacks {POOL!r}, the examples for the training")
    splits = {split: _split(split, made[split]) for split in SPLITS if split in made}
    if VALIDATION not in splits:
        splits = _with_validation(splits)
    _check_alike(splits)
    return MadeData(splits, _class_weight(made.get(CLASS_WEIGHT), splits[POOL]))


def _called(unknown: object) -> str:
    """Returns the end of a message about an unknown split: its name here."""
    if called := _OTHER_NAMES.get(str(unknown).lower().removesuffix("ing").removesuffix("_data")):
        return f"; it is called {called!r} here"
    return did_you_mean(str(unknown), SPLITS)


def _split(split: str, given: object) -> Any:
    return given if is_stream(given) else _examples(split, given)


def _examples(split: str, given: object) -> tuple[Nest, ...]:
    """Returns the nests of a split as NumPy arrays. Parts at the end that are None are left out."""
    if not isinstance(given, tuple) or not 1 <= len(given) <= len(PARTS):
        raise SplitsError(f"{split!r} must be {_FORMS}, not {kind_of(given)}; {_way_out(given)}")
    parts = dict(zip(PARTS, given, strict=False))
    examples = tuple(_nest(part, f"{name} of {split!r}") for name, part in parts.items())
    while examples and examples[-1] is None:
        examples = examples[:-1]
    if not any(True for _ in leaves(examples[:1])):
        raise SplitsError(f"{split!r} has no inputs: the first part of the tuple holds no array")
    _check_lengths(split, examples)
    _check_weights(split, examples)
    return examples


def _way_out(given: object) -> str:
    if isinstance(given, list) and 1 <= len(given) <= len(PARTS):
        return "a list is one part with several inputs, so write (x, y) with round brackets"
    if isinstance(given, tuple):
        return "several inputs or targets stand in one dict, tuple or list, as in ({'image': x, 'age': a}, y)"
    if hasattr(given, "__next__"):
        return f"a generator ends after one epoch; {STREAM_WAY_OUT}"
    return "a tuple with one part is written (x,)"


def _nest(part: object, place: str) -> Nest:
    if isinstance(part, Mapping | list | tuple) and not part:
        raise SplitsError(f"{place} is an empty {type(part).__name__}; it must hold an array")
    if isinstance(part, Mapping):
        if wrong := [name for name in part if not isinstance(name, str)]:
            raise SplitsError(f"{place} has the name {wrong[0]!r}; the names in a dict must be texts")
        return {str(name): _nest(inner, f"{place}, {name!r}") for name, inner in part.items()}
    if isinstance(part, tuple) and hasattr(part, "_fields"):
        raise SplitsError(
            f"{place} is a named tuple, {type(part).__name__}; give a dict, as {place}._asdict() makes it"
        )
    if isinstance(part, list | tuple) and not isinstance(part[0], bool | int | float | str | bytes):
        return type(part)([_nest(inner, f"{place}, number {number}") for number, inner in enumerate(part)])
    try:
        return None if part is None else as_array(part)
    except ArrayError as problem:
        raise SplitsError(f"{place} {problem}") from None


def _places(nest: Nest, place: str) -> Iterator[tuple[str, Any]]:
    """Yields each array of a nest, after words that say where it stands."""
    if isinstance(nest, dict):
        for name, part in nest.items():
            yield from _places(part, f"{place} {name!r}")
    elif isinstance(nest, tuple | list):
        for number, part in enumerate(nest):
            yield from _places(part, f"{place} {number}")
    elif nest is not None:
        yield place, nest


def _check_lengths(split: str, examples: tuple[Nest, ...]) -> None:
    arrays = [pair for name, part in zip(PARTS, examples, strict=False) for pair in _places(part, name)]
    first = len(arrays[0][1])
    if any(len(array) != first for _, array in arrays):
        counts = [f"{len(array)} {place}" for place, array in arrays]
        raise SplitsError(f"{split!r} has {some(counts)}; there must be one of each for every example")
    if not first:
        raise SplitsError(f"{split!r} is empty")


def _check_weights(split: str, examples: tuple[Nest, ...]) -> None:
    """Check the rules of `fit` for the weights of examples."""
    if len(examples) < len(PARTS):
        return
    _, targets, weights = examples
    if any(array.dtype.kind not in "biuf" for array in leaves(weights)):
        raise SplitsError(f"the sample_weight of {split!r} must hold numbers")
    if _structure(weights) == _structure(targets) or targets is None:
        return
    if isinstance(weights, dict | list | tuple):
        shapes = f"{_structure(weights)} beside {_structure(targets)}"
        raise SplitsError(f"the sample_weight of {split!r} must be one array, or one for each target, not {shapes}")
    if weights.ndim > 1 and weights.shape[1:] != (1,):
        shape = f"shape {weights.shape}"
        raise SplitsError(f"the sample_weight of {split!r} must hold one number for each example, not have {shape}")


def _name_classes(pool: tuple[Nest, ...]) -> bool:
    """Whether each target is the number of a class, or one-hot."""
    targets = (*pool, None)[1]
    return isinstance(targets, np.ndarray) and targets.ndim <= 2 and targets.dtype.kind in "biuf"


def _structure(nest: Nest) -> str:
    """Returns the structure of a nest as a text, without what its arrays hold."""
    return str(map_nest(lambda array: _ARRAY, nest))


class _Array:
    def __repr__(self) -> str:
        return "array"


_ARRAY = _Array()


def _check_alike(splits: Mapping[str, Any]) -> None:
    """Check that inputs have one structure in all splits, and targets too. Streams are left out."""
    stored = {split: examples for split, examples in splits.items() if isinstance(examples, tuple)}
    for split, examples in stored.items():
        for number, name in enumerate(PARTS[:2]):
            there, here = (_structure((*each, None)[number]) for each in (stored.get(POOL, examples), examples))
            if there != here:
                raise SplitsError(f"{split!r} must have {name} like {POOL!r}: {there}, not {here}")


def _with_validation(splits: Mapping[str, Any]) -> dict[str, Any]:
    """Divide the pool as `fit(validation_split=0.1)` does: its last tenth becomes the validation split."""
    if is_stream(splits[POOL]):
        raise SplitsError(f"it lacks {VALIDATION!r}, because {POOL!r} is a stream, which cannot be divided")
    total = count(splits[POOL])
    first = math.floor(total * (1.0 - _VALIDATION_SHARE))
    if not first:
        raise SplitsError(f"it lacks {VALIDATION!r}, and {POOL!r} has too few examples to divide: {total}")
    divided = {POOL: take(splits[POOL], slice(first)), VALIDATION: take(splits[POOL], slice(first, None))}
    return {**splits, **divided}


def _class_weight(given: object, pool: Any) -> dict[int, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise SplitsError(
            f"{CLASS_WEIGHT!r} must be a dict from class to weight, not {kind_of(given)}; dict(enumerate(…)) makes one"
        )
    if isinstance(pool, tuple) and not _name_classes(pool):
        raise SplitsError(
            f"{CLASS_WEIGHT!r} needs targets in one array, one class for each example; give a sample_weight"
        )
    try:
        weights = {int(name): float(weight) for name, weight in given.items()}
    except (TypeError, ValueError):
        weights = {}
    if not all(name in weights and math.isfinite(weights[name]) for name in given):
        raise SplitsError(f"{CLASS_WEIGHT!r} must map numbers of classes to finite weights, not {dict(given)}")
    return weights
