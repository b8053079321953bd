"""Streams: splits whose batches are made one after another, and which are kept neither on disk nor in memory."""

import hashlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import numpy as np

from study.data.arrays import kind_of
from study.data.nest import Nest, count, leaves, map_nest
from study.errors import DataError

_KINDS = {("tensorflow", "DatasetV2"), ("keras", "PyDataset"), ("torch", "DataLoader")}
_KINDS_TEXT = "a tf.data.Dataset, a keras.utils.PyDataset or a torch DataLoader"
STREAM_WAY_OUT = "give a function of a seed that returns a tf.data.Dataset or a keras.utils.PyDataset"
_INFINITE = -1
"""What TensorFlow has for the length of a data set that never ends."""
FIRST_SEED = 0
"""With this number a function makes validation and test data, and what is counted."""


class StreamError(DataError):
    """A stream cannot be used. The message goes on after the words that say which stream it is."""


@dataclass(frozen=True, kw_only=True)
class StreamFacts:
    """What one reading of a stream showed."""

    examples: int
    batches: int
    first: tuple[Nest, ...] = field(repr=False)
    """The first batch, as the stream made it: inputs, and perhaps targets, and perhaps weights."""
    fingerprint: str
    """Depends on the examples, and not on their order; empty if only the batches were counted."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A split that is a stream. It is used whole, in the order in which it comes.

    It takes the place of the nests of a split: its length is its number of examples, and the only part is the whole.
    """

    given: Any = field(repr=False)
    """A `tf.data.Dataset`, `keras.utils.PyDataset` or `DataLoader`, or a function of a seed that makes one of these."""
    facts: StreamFacts
    seeds: Callable[[int], int] = field(default=lambda epoch: FIRST_SEED, repr=False)
    """Returns the seed for an epoch, which counts from 1."""
    class_weight: Mapping[int, float] = field(default_factory=dict)

    def of_epoch(self, epoch: int) -> Any:
        """Returns the data of an epoch, which counts from 1, as Keras's `fit` takes them."""
        return batches_of(self.given, self.seeds(epoch))

    @property
    def batch(self) -> int:
        """Returns how many examples the first batch has. The last batch may have fewer."""
        return count(self.facts.first)

    @property
    def repeatable(self) -> bool:
        """Whether the batches of an epoch depend on nothing but its seed, so that a trial can go on where it ended."""
        return not is_batches(self.given)

    def __len__(self) -> int:
        return self.facts.examples

    def __getitem__(self, which: slice) -> "Stream":
        if range(*which.indices(len(self))) == range(len(self)):
            return self
        raise DataError(f"a stream is used whole, all {len(self):,} examples; shorten it in data(), or ask for all")


def is_stream(value: object) -> bool:
    """Whether a value is a stream, or a function that makes one."""
    return is_batches(value) or (callable(value) and not isinstance(value, type))


def is_batches(value: object) -> bool:
    """Whether a value is itself a stream of batches that Keras's `fit` takes. Its package need not be loaded here."""
    return any((kind.__module__.partition(".")[0], kind.__name__) in _KINDS for kind in type(value).__mro__)


def batches_of(given: Any, seed: int) -> Any:
    """Returns a stream of batches. A function makes it from this seed. Raises StreamError if it makes none."""
    if is_batches(given):
        return given
    _check_takes_seed(given)
    made = given(seed)
    if not is_batches(made):
        raise StreamError(f"is a function that returned {kind_of(made)}; it must return {_KINDS_TEXT}")
    return made


def _check_takes_seed(function: Callable[..., Any]) -> None:
    """Raise StreamError if a function cannot be called with a seed. A built-in function may not tell."""
    with suppress(ValueError):
        try:
            signature(function).bind(FIRST_SEED)
        except TypeError:
            name = getattr(function, "__name__", type(function).__name__)
            raise StreamError(
                f"is the function {name}{signature(function)}, which cannot be called with one number; {STREAM_WAY_OUT}"
            ) from None


def read_stream(given: Any, *, fingerprint: bool, on_batch: Callable[[int], None]) -> StreamFacts:
    """Read a stream once. `on_batch` is called with the number of examples so far. Raises StreamError.

    With `fingerprint` every example is looked at. Without it they are only counted.
    """
    examples, batches, total, first = 0, 0, 0, ()
    for batch in _batches(batches_of(given, FIRST_SEED)):
        size = _size(batch)
        first = first or batch
        batches, examples = batches + 1, examples + size
        total += sum_of_hashes(batch, size) if fingerprint else 0
        on_batch(examples)
    if not examples:
        raise StreamError("is empty")
    text = f"{total % 2**256:064x}" if fingerprint else ""
    return StreamFacts(examples=examples, batches=batches, first=first, fingerprint=text)


def _batches(stream: Any) -> Iterator[tuple[Nest, ...]]:
    """Yields the batches of one pass, each as a tuple of inputs, and perhaps targets, and perhaps weights."""
    if _never_ends(stream):
        raise StreamError("never ends, so no epoch does; end it with .take(batches), or give it a length")
    numbered = hasattr(stream, "num_batches")  # A PyDataset is read by the numbers of its batches.
    for batch in (stream[number] for number in range(stream.num_batches)) if numbered else stream:
        parts = tuple(batch) if isinstance(batch, tuple | list) else (batch,)
        yield parts


def _never_ends(stream: Any) -> bool:
    if hasattr(stream, "cardinality"):
        return int(stream.cardinality()) == _INFINITE
    return hasattr(stream, "num_batches") and stream.num_batches is None


def _size(batch: tuple[Nest, ...]) -> int:
    """Returns how many examples a batch has. Raises StreamError if it is no batch."""
    arrays = list(leaves(batch))
    if not arrays or any(len(array.shape) == 0 for array in arrays):
        raise StreamError("yields single examples; put them together to batches, as .batch(32) does")
    sizes = [int(array.shape[0]) for array in arrays]
    if len(set(sizes)) > 1:
        raise StreamError(f"yields a batch whose arrays have {', '.join(map(str, sizes))} examples; is it .batch(…)ed?")
    return sizes[0]


def sum_of_hashes(batch: tuple[Nest, ...], size: int) -> int:
    """Returns a number that depends on the examples of a batch, and not on their order."""
    arrays = list(map(_dense, leaves(batch)))
    structure = repr(map_nest(lambda array: 0, batch)).encode()
    return sum(int.from_bytes(_hash([array[row] for array in arrays], structure), "big") for row in range(size))


def _dense(array: Any) -> np.ndarray:
    """Returns a part of a batch as an array of NumPy. TensorFlow's ragged rows become texts."""
    if hasattr(array, "to_list"):
        return np.array(list(map(repr, array.to_list())), object)
    if hasattr(array, "dense_shape"):
        array = sys.modules["tensorflow"].sparse.to_dense(array)
    return np.asarray(array)


def _hash(example: list[Any], structure: bytes) -> bytes:
    digest = hashlib.sha256(structure)
    for part in map(np.asarray, example):
        about = f"{part.dtype.str}{part.shape}"
        content = repr(part.tolist()).encode() if part.dtype.hasobject else np.ascontiguousarray(part).tobytes()
        digest.update(f"{about}{len(content)}:".encode() + content)
    return digest.digest()
