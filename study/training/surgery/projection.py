"""Mends a shape with a 1x1 projection: a linear layer that looks at each place of the data by itself."""

from collections.abc import Sequence
from typing import Any

import keras

from study.training.surgery.misfit import MisfitError, in_words

Shape = Sequence[int | None]
_CONVOLUTIONS = {3: keras.layers.Conv1D, 4: keras.layers.Conv2D, 5: keras.layers.Conv3D}
_CROPPINGS = {2: keras.layers.Cropping2D, 3: keras.layers.Cropping3D}


def project(tensor: Any, shape: Shape, *, name: str, dtype: Any, channels_first: bool = False) -> Any:
    """Returns the tensor in another shape. If fewer places are asked for, evenly spaced ones stay, as by a stride.

    Raises MisfitError if the shape has another number of axes, or more places.
    """
    given = tuple(tensor.shape)
    if len(given) != len(shape) or len(given) - 2 not in (0, 1, 2, 3):
        raise MisfitError(f"a 1x1 projection cannot make {in_words(shape)} of {in_words(given)}")
    channels = 1 if channels_first else -1
    if len(given) == 2:
        return keras.layers.Dense(shape[-1], name=name, dtype=dtype)(tensor)
    axes = range(2, len(given)) if channels_first else range(1, len(given) - 1)
    steps = [_step(given[axis], shape[axis]) for axis in axes]
    if any(step is None for step in steps):
        raise MisfitError(f"a 1x1 projection cannot enlarge {in_words(given)} to {in_words(shape)}")
    crops = [_crop(given[axis], shape[axis], step) for axis, step in zip(axes, steps, strict=True) if step]
    if any(after or before for before, after in crops):
        tensor = _cropped(tensor, crops, f"{name}_crop", dtype, channels_first=channels_first)
    layer = _CONVOLUTIONS[len(given)](
        shape[channels],
        1,
        strides=tuple(steps),
        name=name,
        dtype=dtype,
        data_format="channels_first" if channels_first else "channels_last",
    )
    return layer(tensor)


def _step(given: int | None, wanted: int | None) -> int | None:
    """Returns the step by which so many of these places are chosen, about their ratio; None if there are too few."""
    if given is None or wanted is None:
        return 1 if given == wanted else None
    if wanted > given:
        return None
    largest = (given - 1) // max(1, wanted - 1)
    return max(1, min(largest, round(given / wanted)))


def _crop(given: int | None, wanted: int | None, step: int) -> tuple[int, int]:
    """Returns how many places to leave out at both ends, so that the chosen ones lie in the middle."""
    if given is None or wanted is None:
        return 0, 0
    rest = given - ((wanted - 1) * step + 1)
    return rest // 2, rest - rest // 2


def _cropped(tensor: Any, crops: Sequence[tuple[int, int]], name: str, dtype: Any, *, channels_first: bool) -> Any:
    if len(crops) == 1 and not channels_first:  # Keras has no such layer with the channels first.
        return keras.layers.Cropping1D(crops[0], name=name, dtype=dtype)(tensor)
    order = "channels_first" if channels_first else "channels_last"
    layer = _CROPPINGS.get(len(crops))
    if layer is None:
        raise MisfitError(f"a 1x1 projection cannot leave out ends of {in_words(tensor.shape)}, channels first")
    return layer(tuple(crops), name=name, dtype=dtype, data_format=order)(tensor)
