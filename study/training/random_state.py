"""The generators of random numbers that a whole process shares: Python's, NumPy's, Keras's and the backend's.

This module loads Keras, so that a launcher must not import it.
"""

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator

_RANDOM: Any = np.random  # NumPy's types lack one of its functions.
_TF_DATA = "tensorflow/python/data/"
"""A part of the path of each file of tf.data. A new data set begins its draws anew."""


def read_generators() -> dict[str, Any]:
    """Returns the state of every generator that this process shares, by name. It is made of plain values and arrays."""
    states: dict[str, Any] = {"python": random.getstate(), "numpy": _RANDOM.get_state(legacy=False)}
    # Keras makes its generator when somebody first draws from it. Its seed then comes from Python's generator.
    if generator := global_state.get_global_attribute(GLOBAL_SEED_GENERATOR):
        states["keras"] = keras.ops.convert_to_numpy(generator.state)
    if tensorflow := sys.modules.get("tensorflow"):
        states["tensorflow"] = tensorflow.random.get_global_generator().state.numpy()
        if seeds := _eager_seeds():
            states["tensorflow eager"] = seeds.getstate()
    if torch := sys.modules.get("torch"):
        states["torch"] = torch.get_rng_state().numpy()
    return states


def write_generators(states: Mapping[str, Any]) -> None:
    """Put every generator into the state that `read_generators` returned."""
    if "keras" in states:
        global_seed_generator().state.assign(states["keras"])
    if (tensorflow := sys.modules.get("tensorflow")) and "tensorflow" in states:
        _write_tensorflow(tensorflow, states)
    if (torch := sys.modules.get("torch")) and "torch" in states:
        torch.set_rng_state(torch.from_numpy(states["torch"]))
    # Last, because making another generator may draw from this one.
    np.random.set_state(states["numpy"])
    random.setstate(states["python"])


def _write_tensorflow(tensorflow: Any, states: Mapping[str, Any]) -> None:
    tensorflow.random.get_global_generator().state.assign(states["tensorflow"])
    if _eager_seeds() and "tensorflow eager" in states:
        # An operation that drew before with the same seed would go on with its own count, unless it is forgotten.
        tensorflow.random.set_seed(sys.modules["tensorflow.python.eager.context"].global_seed())
        _eager_seeds().setstate(states["tensorflow eager"])  # type: ignore[union-attr]


def _eager_seeds() -> random.Random | None:
    """Returns the generator of the seeds of TensorFlow's operations outside any graph."""
    context = sys.modules.get("tensorflow.python.eager.context")
    return getattr(context.context(), "_rng", None) if context else None


def _callers(frame: FrameType | None) -> Iterator[CodeType]:
    """Yields the code of a frame and of all that called it."""
    while frame:
        yield frame.f_code
        frame = frame.f_back


@contextmanager
def unrepeatable_draws() -> Iterator[list[str]]:
    """Yields a list that names, from now on, each kind of draw whose state nobody can save.

    An operation such as `tf.random.normal` in a graph counts its draws inside TensorFlow. Keras's own functions do not.
    """
    draws: list[str] = []
    seeds = sys.modules.get("tensorflow.python.framework.random_seed")
    if seeds is None:
        yield draws
        return
    get_seed = seeds.get_seed

    def noted(op_seed: Any) -> Any:
        # Outside a graph, an operation without a seed of its own gets another one each time.
        eager = sys.modules["tensorflow"].executing_eagerly() and op_seed is None
        frame = sys._getframe(1)
        if not eager and not any(_TF_DATA in code.co_filename for code in _callers(frame)):
            draws.append(frame.f_code.co_name)
        return get_seed(op_seed)

    seeds.get_seed = noted  # type: ignore[attr-defined]
    try:
        yield draws
    finally:
        seeds.get_seed = get_seed  # type: ignore[attr-defined]
