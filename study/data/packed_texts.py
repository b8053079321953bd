"""Texts of different lengths in one file: the longest of them does not decide how much room the others take."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np

Array = np.ndarray[Any, Any]
_OFFSET = np.dtype("<i8")


@dataclass(frozen=True)
class PackedTexts:
    """An array of texts, or of bytes, with the examples along the first axis.

    As in NumPy, a slice is a view, and an array of indices gives a copy. The copy is an array of objects.
    """

    content: Array = field(repr=False)
    """uint8: the texts in UTF-8, one after another."""
    offsets: Array = field(repr=False)
    """int64: where each text begins in the content, and where the last one ends."""
    example: tuple[int, ...]
    """The shape of one example."""
    binary: bool = False
    """Whether they are bytes that need not be texts."""

    dtype = np.dtype(object)

    def __len__(self) -> int:
        return (len(self.offsets) - 1) // math.prod(self.example)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.example

    @property
    def nbytes(self) -> int:
        """Returns how many bytes the texts take, each with what a tensor of texts adds to it."""
        return int(self.offsets[-1] - self.offsets[0]) + 24 * (len(self.offsets) - 1)

    @overload
    def __getitem__(self, which: slice) -> "PackedTexts": ...
    @overload
    def __getitem__(self, which: Array) -> Array: ...
    def __getitem__(self, which: slice | Array) -> "PackedTexts | Array":
        size = math.prod(self.example)
        if isinstance(which, slice):
            start, stop, _ = which.indices(len(self))
            stop = max(start, stop)
            return PackedTexts(self.content, self.offsets[start * size : stop * size + 1], self.example, self.binary)
        rows = np.arange(len(self))[which]
        texts = np.empty(len(rows) * size, object)
        texts[:] = [self._text(row * size + number) for row in rows.tolist() for number in range(size)]
        return texts.reshape(len(rows), *self.example)

    def _text(self, number: int) -> str | bytes:
        content = self.content[self.offsets[number] : self.offsets[number + 1]].tobytes()
        return content if self.binary else content.decode()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self[np.arange(len(self))].astype(dtype or object, copy=False)

    @property
    def packed(self) -> Array:
        """Returns the offsets and the content as one array of uint8."""
        return np.concatenate([self.offsets.astype(_OFFSET).view(np.uint8), self.content])

    @classmethod
    def pack(cls, array: Array) -> "PackedTexts":
        """Pack an array of objects, which are all texts or all bytes."""
        texts: Sequence[Any] = array.ravel().tolist()
        binary = any(isinstance(text, bytes) for text in texts)
        parts = texts if binary else [text.encode() for text in texts]
        return cls(_joined(parts), _offsets(map(len, parts)), array.shape[1:], binary)

    @classmethod
    def unpack(cls, packed: Array, shape: Sequence[int], *, binary: bool) -> "PackedTexts":
        """Returns the texts of what `packed` returned, without a copy."""
        size = (math.prod(shape) + 1) * _OFFSET.itemsize
        return cls(packed[size:], packed[:size].view(_OFFSET), tuple(shape[1:]), binary)


def _joined(parts: Iterable[bytes]) -> Array:
    return np.frombuffer(b"".join(parts), np.uint8)


def _offsets(lengths: Iterable[int]) -> Array:
    return np.concatenate([[0], np.cumsum([*lengths], dtype=_OFFSET)]).astype(_OFFSET)
