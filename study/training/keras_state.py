"""What Keras and the libraries below it keep for a whole process: every trial begins with the same of it.

This module loads Keras, so that a launcher must not import it.
"""

import importlib
import sys
from typing import Any

import keras
import numpy as np
from keras.src.saving import object_registration

from study.engines import process_state
from study.engines.process_state import Switch
from study.engines.python_switches import PYTHON_SWITCHES
from study.task import PRECISIONS
from study.training.backends import backend as backends
from study.training.backends.torch_switches import TORCH_SWITCHES
from study.training.library_functions import LibraryFunctions

_LIBRARIES = ("tensorflow", "jax")
_PREFIXES = ("keras", "numpy", "tensorflow._api", "tensorflow.python.ops", "jax.numpy", "jax.nn", "jax.lax")
_MODULES = ("tensorflow", "jax", "random", "math", "time", "json", "os", "posixpath")
"""Libraries whose functions a task is likely to replace by its own: those with these prefixes, and these alone."""
_FIRST_SEED = 0
"""Of what a task draws before its model is built, for example while it makes data."""
_prepared = False
_RANDOM: Any = np.random  # NumPy's types lack two of its functions.


def prepare(*, threads: int) -> None:
    """Bring Keras and the libraries below it into the state in which every trial begins.

    In a worker's first call, before any of the user's code has run, this is remembered as the state to which the
    process is put back after each trial.
    """
    global _prepared
    keras.utils.clear_session(free_memory=False)  # Names of layers, the precision, logging and much else.
    if not _prepared:
        _set_defaults()
        backends.load().prepare(threads=threads)
        if process_state.is_remembered():
            process_state.remember([*PYTHON_SWITCHES, *_switches()])
        _prepared = True
    seed(_FIRST_SEED)


def seed(number: int) -> None:
    """Seed everything that draws without a seed of its own."""
    keras.utils.set_random_seed(number)
    if tensorflow := sys.modules.get("tensorflow"):
        # Else TensorFlow makes its global generator from the time, and keeps it from trial to trial.
        generator = tensorflow.random.Generator.from_state([number, 0, 0], "philox")
        tensorflow.random.set_global_generator(generator)


def set_precision(level: object) -> None:
    """Let Keras compute in this precision until the next trial. A task may mean something else by its `precision`."""
    if level in PRECISIONS:
        keras.config.set_dtype_policy(level)


def _set_defaults() -> None:
    """Set what the user's keras.json and environment may have set otherwise, because it would decide numbers."""
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.config.set_max_steps_per_epoch(None)


def _switches() -> list[Switch]:
    libraries = [name for name in _LIBRARIES if name in sys.modules]
    modules = [importlib.import_module(f"study.training.backends.{name}_switches") for name in libraries]
    functions = LibraryFunctions(_PREFIXES, _MODULES)
    patches = Switch("a function of a library", functions.changed, lambda _: functions.put_back())
    return [patches, *_KERAS, *_NUMPY, *TORCH_SWITCHES, *(switch for module in modules for switch in module.SWITCHES)]


def _dictionary(values: dict[object, object], name: str) -> Switch:
    """A dictionary that must stay the same object."""

    def write(remembered: dict[object, object]) -> None:
        values.clear()
        values.update(remembered)

    return Switch(name, lambda: dict(values), write)


_KERAS = (
    Switch("Keras's floatx", keras.config.floatx, keras.config.set_floatx),
    Switch("Keras's epsilon", keras.config.epsilon, keras.config.set_epsilon),
    Switch("Keras's image data format", keras.config.image_data_format, keras.config.set_image_data_format),
    Switch("Keras's limit of epochs", keras.config.max_epochs, keras.config.set_max_epochs),
    Switch("Keras's limit of steps", keras.config.max_steps_per_epoch, keras.config.set_max_steps_per_epoch),
    _dictionary(object_registration.GLOBAL_CUSTOM_OBJECTS, "Keras's registered objects"),
    _dictionary(object_registration.GLOBAL_CUSTOM_NAMES, "the names of Keras's registered objects"),
    Switch("Keras's use of NNX", keras.config.is_nnx_enabled),
    Switch("Keras's backend", keras.config.backend),
)
_NUMPY = (
    Switch("NumPy's handling of errors", np.geterr, lambda values: np.seterr(**values)),
    Switch("NumPy's handler of errors", np.geterrcall, np.seterrcall),
    Switch("NumPy's print options", np.get_printoptions, lambda values: np.set_printoptions(**values)),
    # Compared by identity: its numbers are seeded anew.
    Switch("NumPy's bit generator", _RANDOM.get_bit_generator, _RANDOM.set_bit_generator),
)
