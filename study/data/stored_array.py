"""Arrays as the cache stores them: each is one file, which is mapped into memory and never read whole."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np

from study.data.packed_texts import PackedTexts
from study.data.windows import Windows

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class PackedBools:
    """An array of bool with the examples along the first axis. A byte stores eight values.

    As in NumPy, a slice is a view, and an array of indices gives a copy. The copy is an array of bool, a byte a value.
    """

    packed: Array = field(repr=False)
    """uint8 (examples, bytes)."""
    example: tuple[int, ...]
    """The shape of one example."""

    dtype = np.dtype(bool)

    def __len__(self) -> int:
        return len(self.packed)

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), *self.example

    @property
    def nbytes(self) -> int:
        """Returns how many bytes the same values take as an array of bool."""
        return math.prod(self.shape)

    @overload
    def __getitem__(self, which: slice) -> "PackedBools": ...
    @overload
    def __getitem__(self, which: Array) -> Array: ...
    def __getitem__(self, which: slice | Array) -> "PackedBools | Array":
        if isinstance(which, slice):
            return PackedBools(self.packed[which], self.example)
        values = np.unpackbits(self.packed[which], axis=1, count=math.prod(self.example))
        return values.view(bool).reshape(len(which), *self.example)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self[np.arange(len(self))].astype(dtype or bool, copy=False)

    @classmethod
    def pack(cls, array: Array) -> "PackedBools":
        """Pack an array of bool."""
        return cls(np.packbits(array.reshape(len(array), -1), axis=1), array.shape[1:])


StoredArray = Array | PackedBools | PackedTexts | Windows
"""An array with the examples along the first axis."""


def on_device(array: StoredArray) -> Array:
    """Returns an array as it goes to the device: without packing, and of windows the blocks of their series."""
    return array.blocks if isinstance(array, Windows) else np.asarray(array)


def save(path: Path, array: Array) -> dict[str, object]:
    """Write an array: bits instead of bytes of bool, texts of any length, a series instead of its windows.

    Returns what `load` must know about the file besides its bytes.
    """
    content, about = _packed(array)
    np.save(path, content, allow_pickle=False)
    return about


def _packed(array: Array) -> tuple[Array, dict[str, object]]:
    if array.dtype == bool:
        bits = PackedBools.pack(array)
        return bits.packed, {"bits": list(bits.example)}
    if array.dtype.hasobject:
        texts = PackedTexts.pack(array)
        return texts.packed, {"texts": list(array.shape), "binary": texts.binary}
    if windows := Windows.find(array):
        return windows.series, {"windows": list(windows.shape), "strides": list(windows.strides)}
    return array, {}


def load(path: Path, about: Mapping[str, Any]) -> StoredArray:
    """Map the array of a file into memory."""
    array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    if "bits" in about:
        return PackedBools(array, tuple(about["bits"]))
    if "texts" in about:
        return PackedTexts.unpack(array, about["texts"], binary=about["binary"])
    if "windows" in about:
        return Windows(array, tuple(about["windows"]), tuple(about["strides"]))
    return array
