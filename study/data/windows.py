"""Windows over a series: arrays whose examples overlap in memory are kept as the series, not as copies of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Windows:
    """Examples that overlap, as `numpy.lib.stride_tricks.sliding_window_view` makes them.

    As in NumPy, a slice is a view, and an array of indices gives a copy.
    """

    series: Array = field(repr=False)
    """All numbers in which the windows lie, as one axis."""
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """By how many numbers of the series each axis moves on."""

    @property
    def dtype(self) -> Any:
        return self.series.dtype

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """Returns the bytes of the series."""
        return self.series.nbytes

    @overload
    def __getitem__(self, which: slice) -> "Windows": ...
    @overload
    def __getitem__(self, which: Array) -> Array: ...
    def __getitem__(self, which: slice | Array) -> "Windows | Array":
        if not isinstance(which, slice):
            return self._view()[which]
        start, stop, _ = which.indices(len(self))
        shape = (max(0, stop - start), *self.shape[1:])
        first = start * self.strides[0]
        return Windows(self.series[first : first + _span(shape, self.strides)], shape, self.strides)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self._view().astype(dtype or self.dtype)

    def _view(self) -> Array:
        strides = [stride * self.dtype.itemsize for stride in self.strides]
        return as_strided(self.series, self.shape, strides, writeable=False)

    @property
    def block(self) -> int:
        """Returns how many numbers lie together in every window and are moved together from window to window."""
        size, outer = 1, len(self.shape)
        while outer > 1 and self.strides[outer - 1] == size:
            outer -= 1
            size *= self.shape[outer]
        return math.gcd(size, *self.strides[:outer], len(self.series))

    @property
    def blocks(self) -> Array:
        """Returns the series in blocks: (blocks of the series, numbers of a block)."""
        return self.series.reshape(-1, self.block)

    @property
    def step(self) -> int:
        """Returns by how many blocks the next window begins later."""
        return self.strides[0] // self.block

    @property
    def offsets(self) -> Array:
        """Returns the blocks of a window, counted from its first one: int32 (blocks of a window,)."""
        places = np.zeros(1, np.int64)
        for length, stride in zip(self.shape[1:], self.strides[1:], strict=True):
            places = (places[:, None] + stride * np.arange(length)).ravel()
        return (places[:: self.block] // self.block).astype(np.int32)

    @classmethod
    def find(cls, array: Array) -> "Windows | None":
        """Returns an array as windows if its examples overlap in memory, else None."""
        strides = [stride // array.itemsize for stride in array.strides]
        if min(array.strides, default=0) < 0 or any(stride % array.itemsize for stride in array.strides):
            return None
        size = _span(array.shape, strides)
        if not array.size or size >= array.size:
            return None
        return cls(as_strided(array, (size,), (array.itemsize,), writeable=False), array.shape, tuple(strides))


def _span(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Returns how many numbers lie between the first and the last number of an array, both included."""
    if not math.prod(shape):
        return 0
    return 1 + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))
