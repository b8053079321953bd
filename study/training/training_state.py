"""Everything on which the next epoch of a trial depends: how it is read, and put back into a trial that was built anew.

This module loads Keras, so that a launcher must not import it.
"""

import hashlib
import pickle
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import keras
import numpy as np

from study.training.checkpoint import Saved
from study.training.object_walk import Put, Walk
from study.training.plain_values import fill, pack, unpack
from study.training.random_state import read_generators, write_generators

_LARGE = 1 << 26
"""Bytes of an array. A larger one counts as changed if another array took its place."""
_GIVEN = ("_model", "params")
"""Attributes of a callback that Keras sets."""


@dataclass
class Holders:
    """The objects of a trial that may hold something that training changes."""

    model: keras.Model
    callbacks: Sequence[Any] = ()
    modules: Mapping[str, ModuleType] = field(default_factory=dict)
    """The modules of the task, by name."""

    def walk(self, visitor: Any) -> None:
        """Show a visitor everything that the objects hold, in the same order each time."""
        walk = Walk(visitor)
        walk.model("model", self.model)
        for number, callback in enumerate(self.callbacks):
            walk.owner(f"callbacks[{number}]", callback, but=_GIVEN)
        for name, module in self.modules.items():
            walk.module(f"module {name}", module)


class _Reader:
    """Reads everything that it is shown."""

    def __init__(self, first: Mapping[str, Any]) -> None:
        self._first = first
        """The stamp of each value with arrays, as it was before the first epoch."""
        self.stamps: dict[str, Any] = {}
        self.arrays: list[np.ndarray] = []
        self.values: dict[str, Any] = {}
        self.variables: dict[str, int] = {}
        self.optimizers: dict[str, list[str]] = {}
        self.others: dict[str, str] = {}
        self._paths: dict[int, str] = {}
        self._optimizers: dict[str, Any] = {}

    def value(self, path: str, value: Any, put: Put) -> None:
        arrays: list[np.ndarray] = []
        packed = pack(value, arrays)
        if arrays:
            self.stamps[path] = stamp = [packed, *map(_stamp, arrays)]
            if self._first.get(path) == stamp:
                return
        self.values[path] = [packed, len(self.arrays), len(arrays)]
        self.arrays += arrays

    def variable(self, path: str, variable: Any) -> None:
        self._paths.setdefault(id(variable), path)
        self.variables[path] = len(self.arrays)
        self.arrays.append(np.asarray(keras.ops.convert_to_numpy(variable)))

    def optimizer(self, path: str, optimizer: Any) -> None:
        self._optimizers[path] = optimizer

    def owner(self, path: str, owner: Any) -> None:
        """The values in it come next."""

    def other(self, path: str, value: Any) -> None:
        if path.startswith("callbacks"):
            self.others[path] = _mark(value)

    def optimized(self) -> dict[str, list[str]]:
        """Returns for each optimizer the paths of the variables that it was built on."""
        return {
            path: [self._paths.get(id(variable), "") for variable in optimizer._trainable_variables]
            for path, optimizer in self._optimizers.items()
            if optimizer.built
        }


class _Writer:
    """Puts back what a reader read, as far as there is a place for it."""

    def __init__(self, saved: Saved) -> None:
        self._arrays, about = saved.arrays, saved.about
        self._values: dict[str, Any] = dict(about["values"])
        self._variables: dict[str, int] = dict(about["variables"])
        self._others: dict[str, str] = dict(about["others"])
        self._owners: dict[str, Any] = {}
        self.problems: list[str] = []

    def value(self, path: str, value: Any, put: Put) -> None:
        if path in self._values and not fill(value, new := self._take(path)):
            put(new)

    def variable(self, path: str, variable: Any) -> None:
        if (number := self._variables.pop(path, None)) is None:
            return
        array = self._arrays[number]
        if tuple(variable.shape) != array.shape:
            self.problems.append(f"{path} has the shape {tuple(variable.shape)}, and had {array.shape}")
        else:
            variable.assign(array)

    def optimizer(self, path: str, optimizer: Any) -> None:
        """Its variables come next."""

    def owner(self, path: str, owner: Any) -> None:
        self._owners[path] = owner

    def other(self, path: str, value: Any) -> None:
        if self._others.pop(path, mark := _mark(value)) != mark:
            self.problems.append(f"{path}, a {type(value).__name__}, cannot be saved")

    def finish(self) -> list[str]:
        """Put back the attributes that do not exist yet. Returns what could not be put back."""
        for path in list(self._values):
            owner, _, name = path.rpartition(".")
            if owner in self._owners:
                setattr(self._owners[owner], name, self._take(path))
        left = [*self._values, *self._variables, *self._others]
        return [*self.problems, *(f"{path} does not exist" for path in left)]

    def _take(self, path: str) -> Any:
        packed, start, count = self._values.pop(path)
        return unpack(packed, self._arrays[start : start + count])


class _Finder(_Reader):
    """Finds the variables that exist, and the optimizers that have no variables yet."""

    def __init__(self) -> None:
        super().__init__({})
        self.found: dict[str, Any] = {}

    def value(self, path: str, value: Any, put: Put) -> None:
        """Only variables are looked for."""

    def other(self, path: str, value: Any) -> None:
        """Only variables are looked for."""

    def variable(self, path: str, variable: Any) -> None:
        self.found[path] = variable

    def build(self, optimizers: Mapping[str, Sequence[str]]) -> None:
        """Build each optimizer on the variables at these paths, unless it is built or one of them does not exist."""
        for path, optimizer in self._optimizers.items():
            variables = [self.found.get(name) for name in optimizers.get(path, ())]
            if variables and not optimizer.built and all(variable is not None for variable in variables):
                optimizer.build(variables)


class TrainingState:
    """The state of a trial between two epochs."""

    def __init__(self, holders: Holders) -> None:
        self.holders = holders
        self._first: Mapping[str, Any] = {}
        self._first = self._read().stamps

    def read(self) -> Saved:
        """Returns the state as it is now."""
        reader = self._read()
        arrays: list[np.ndarray] = []
        random = pack(read_generators(), arrays)
        about = {
            "values": reader.values,
            "variables": reader.variables,
            "others": reader.others,
            "optimizers": reader.optimized(),
            "random": [random, len(reader.arrays)],
        }
        return Saved([*reader.arrays, *arrays], about)

    def missing(self, saved: Saved) -> list[str]:
        """Returns the paths of the saved variables that do not exist yet. Optimizers are built first."""
        self._find().build(saved.about["optimizers"])
        return sorted(saved.about["variables"].keys() - self._find().found.keys())

    def write(self, saved: Saved) -> list[str]:
        """Put a saved state back. Returns what stands in the way, a few words each; empty if all of it is back."""
        writer = _Writer(saved)
        self.holders.walk(writer)
        problems = writer.finish()
        packed, start = saved.about["random"]
        write_generators(unpack(packed, saved.arrays[start:]))
        return problems

    def _read(self) -> _Reader:
        reader = _Reader(self._first)
        self.holders.walk(reader)
        return reader

    def _find(self) -> _Finder:
        finder = _Finder()
        self.holders.walk(finder)
        return finder


def weights_digest(model: keras.Model) -> str:
    """Returns a digest of the values of a model's weights."""
    arrays = [np.asarray(keras.ops.convert_to_numpy(weight)) for weight in model.weights]
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()[:16]


def _stamp(array: np.ndarray) -> Any:
    """Returns what changes if an array does."""
    if array.nbytes > _LARGE or not array.flags.writeable:
        return id(array)
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def _mark(value: Any) -> str:
    """Returns what tells two objects apart that cannot be saved, as far as that can be seen."""
    try:
        content = hashlib.sha256(pickle.dumps(value)).hexdigest()[:16]
    except Exception:  # Many objects cannot be pickled, each for a reason of its own.
        content = getattr(value, "__qualname__", "")
    return f"{type(value).__name__} {content}"
