"""Turns what users have for an array into a NumPy array that can be stored, or says why it cannot."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from study.space.hints import one_line, short, some

_MOST_SHOWN = 4
"""How many parts of a tuple a message shows."""


class ArrayError(Exception):
    """A value is no array of examples. The message goes on after the words that say where the value stands."""


def as_array(value: Any) -> np.ndarray:
    """Returns an array, a tensor, or a frame or series of pandas as NumPy array, as Keras's `fit` takes it.

    Raises ArrayError if `fit` takes no such value, or if it cannot be stored.
    """
    return _storable(_array(value))


def kind_of(value: object) -> str:
    """Returns what a value is made of, as a message about it shows it."""
    if isinstance(value, tuple):
        return f"({', '.join(map(kind_of, value[:_MOST_SHOWN]))}{', …' if len(value) > _MOST_SHOWN else ''})"
    if isinstance(value, Mapping):
        return f"a {type(value).__name__} of {some([repr(name) for name in value])}"
    return "None" if value is None else type(value).__name__


def _array(value: Any) -> np.ndarray:
    kind = f"{type(value).__module__.partition('.')[0]}.{type(value).__name__}"
    if isinstance(value, np.ma.MaskedArray):
        raise ArrayError("is a masked array; fill its gaps, as array.filled(0) does")
    if isinstance(value, np.ndarray):
        return np.asarray(value)
    if kind == "pandas.Series":  # Keras makes a column of it.
        return np.expand_dims(value.to_numpy(), -1)
    if kind == "pandas.DataFrame":
        return _columns(value)
    if isinstance(value, list | tuple | bool | int | float | str | bytes):
        raise ArrayError(f"holds Python values, {one_line(short(value))}; make an array of them with np.array(…)")
    if not hasattr(value, "__array__"):
        raise ArrayError(f"is {kind_of(value)}, which is no array{_dense(value)}")
    return np.asarray(value.detach().cpu() if kind == "torch.Tensor" else value)


def _columns(frame: Any) -> np.ndarray:
    array: np.ndarray = frame.to_numpy()
    if array.dtype.hasobject:
        types = some([f"{name!r} of {kind}" for name, kind in frame.dtypes.items()])
        raise ArrayError(f"is a frame of different types, {types}; give its columns as named inputs with dict(frame)")
    return array


def _dense(value: object) -> str:
    """Returns the end of a message about a value that has no rows of equal length, with the way out."""
    name = type(value).__name__.lower()
    if "ragged" in name:
        return "; pad its rows with .to_tensor(), or give a tf.data.Dataset"
    if "sparse" in name or hasattr(value, "tocsr"):
        return "; make it dense with .toarray() or tf.sparse.to_dense(…), or give a tf.data.Dataset"
    return ""


def _storable(array: np.ndarray) -> np.ndarray:
    if array.ndim == 0:
        raise ArrayError(
            f"is a single value, {array.dtype} of shape (); the examples lie along the first axis of an array, which "
            "np.array(…) makes of a list"
        )
    if array.dtype.kind in "OT":
        return _texts(array)
    if array.dtype.kind in "Mm":
        raise ArrayError(
            f"holds times, {array.dtype}; turn them into numbers, as (times - times[0]) / np.timedelta64(1, 's') does"
        )
    if array.dtype.names:
        raise ArrayError(f"is a structured array; give a dict of its fields {', '.join(array.dtype.names)}")
    if array.dtype.kind not in "biufcSU":
        raise ArrayError(f"holds {array.dtype}, which is neither numbers nor texts")
    # The other byte order, and more digits than a double, exist in no backend.
    plain = np.dtype(np.float64) if array.dtype == np.longdouble else array.dtype.newbyteorder("=")
    return array if array.dtype == plain else array.astype(plain)


def _texts(array: np.ndarray) -> np.ndarray:
    """Returns an array of objects that are all texts or all bytes."""
    objects = array.astype(object).ravel()
    if any(all(isinstance(one, kind) for one in objects) for kind in (str, bytes)):
        return array.astype(object, copy=False)
    wrong = next(one for one in objects if not isinstance(one, str))
    rule = f"is an array of objects, among them {one_line(short(wrong))} ({type(wrong).__name__})"
    if isinstance(wrong, np.ndarray | list | tuple):
        raise ArrayError(f"{rule}; rows of different lengths are padded by keras.utils.pad_sequences")
    if isinstance(wrong, bool | int | float | np.number | np.bool_):
        raise ArrayError(f"{rule}; make numbers of them with array.astype('float32')")
    raise ArrayError(f"{rule}; each must be a text, so fill what is missing with ''")
