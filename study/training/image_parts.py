"""The image among the inputs of a model, cut into parts, and examples that exchange a part with each other."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from study.data.nest import Nest, leaves
from study.errors import DataError

Array = np.ndarray[Any, Any]
Part = tuple[slice, ...]
"""Where a part lies in an array of images, whose first axis is that of the examples."""

MOST_PARTS = 32
"""Parts along the longer side of an image. If the image has at most so many pixels there, a part is one pixel."""
_MOST_CHANNELS = 4
_AT_ONCE, _BYTES_AT_ONCE = 4096, 2**28
"""A model is asked about so many images at a time, or about images of so many bytes, because this is faster."""


class Image(NamedTuple):
    """Which array of the inputs is the image, and its sides."""

    leaf: int
    """Its number among the arrays."""
    rows: int
    columns: int
    axis: int
    """The axis of its rows. The next axis is that of its columns."""

    @classmethod
    def among(cls, inputs: Nest) -> "Image":
        """Returns the one image among the inputs. Raises DataError if there is none, or if there are several."""
        arrays = list(leaves(inputs))
        images = [number for number, array in enumerate(arrays) if _is_image(array)]
        if len(images) != 1:
            shapes = " and ".join(f"{array.shape[1:]} of {array.dtype}" for array in arrays)
            number = len(images) or "no"
            raise DataError(f"its inputs hold {number} images, and a map needs one; an example has the shape {shapes}")
        axis = _row_axis(arrays[images[0]])
        rows, columns = arrays[images[0]].shape[axis : axis + 2]
        return cls(images[0], rows, columns, axis)

    def parts(self) -> list[Part]:
        """Returns the places of all parts, row by row."""
        side = part_side(self.rows, self.columns)
        tops, lefts = (range(0, length, side) for length in (self.rows, self.columns))
        before = (slice(None),) * self.axis
        return [(*before, slice(top, top + side), slice(left, left + side)) for top in tops for left in lefts]


def part_side(rows: int, columns: int) -> int:
    """Returns the side of a part in pixels. A part is a square, but at the right and lower edges it may be cut off."""
    return -(-max(rows, columns) // MOST_PARTS)


def _is_image(array: Array) -> bool:
    if array.ndim not in (3, 4) or array.dtype.kind not in "biuf":
        return False
    axis = _row_axis(array)
    return bool(min(array.shape[axis : axis + 2]) > 1)


def _row_axis(array: Array) -> int:
    """Returns the axis of an image's rows. Channels are the last axis, or the first if only that one can be theirs."""
    return 2 if array.ndim == 4 and array.shape[1] <= _MOST_CHANNELS < array.shape[3] else 1


class Exchange(NamedTuple):
    """Examples that got a part of others."""

    part: Part
    rows: Array
    """The examples whose image this changes."""
    images: Array
    """Their images after it."""


def exchanges(images: Array, parts: list[Part]) -> Iterator[Exchange]:
    """Yields an exchange for each part. Who gets whose part is random, and the same in every run."""
    source = np.random.default_rng(0)
    for part in parts:
        own = images[part]
        given = own[source.permutation(len(images))]
        rows = np.flatnonzero((own != given).reshape(len(images), -1).any(axis=1))
        changed = images[rows]
        changed[part] = given[rows]
        yield Exchange(part, rows, changed)


def together(single: Iterator[Exchange]) -> Iterator[list[Exchange]]:
    """Yields several exchanges at a time."""
    gathered: list[Exchange] = []
    for exchange in single:
        gathered.append(exchange)
        count, size = (
            sum(sizes) for sizes in zip(*((len(each.rows), each.images.nbytes) for each in gathered), strict=True)
        )
        if count >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield gathered
            gathered = []
    if gathered:
        yield gathered
