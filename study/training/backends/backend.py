"""The contract of a Keras backend, and the choice of the backend in use."""

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

from study.errors import StudyError
from study.space.hints import did_you_mean

if TYPE_CHECKING:
    import keras
    import numpy as np

    from study.data.dataset import StoredExamples

ToStep = Callable[["StoredExamples"], "StoredExamples"]
"""Turns a batch of stored examples into what a model's step takes."""


_BACKENDS = ("tensorflow", "jax", "torch")
"""The first is used if the user names none."""


class UnknownFlopsError(Exception):
    """The operations of a model cannot be counted. The message says what stands in the way."""


class BatchLoop(Protocol):
    """One compiled call that runs a model's step on each batch.

    It updates the model's metrics and, in training, its weights.
    """

    def __call__(self, arrays: list[Any], rows: "np.ndarray", *, compile_only: bool = False) -> None:
        """Run the step on these rows (int32) of the arrays, batch after batch. With `compile_only` it only compiles.

        `arrays` are the arrays of the examples on the device, in the order of `study.data.nest.leaves`.
        """


class Backend(Protocol):
    """The functions that a trial needs from its backend. Each module of a backend has them."""

    def prepare(self, *, threads: int) -> None:
        """Make sure that the numbers of this process depend on seeds alone."""

    def device(self) -> str:
        """Returns the name of the device that computes."""

    def version(self) -> str:
        """Returns the version of the backend."""

    def device_memory(self) -> int:
        """Returns how many bytes of the device's memory this process may use."""

    def compile_loop(
        self,
        model: "keras.Model",
        examples: "StoredExamples",
        *,
        to_step: ToStep,
        batch: int,
        training: bool,
    ) -> BatchLoop:
        """Returns a loop of a built model's training or test step, for arrays with the shapes of these examples."""

    def forward_flops(self, model: "keras.Model", inputs: Any) -> int:
        """Count the operations of a built model's forward pass on these inputs. Raises UnknownFlopsError."""


def host_memory() -> int:
    """Returns the bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def name() -> str:
    """Returns the name of the backend in use: KERAS_BACKEND, or TensorFlow if that is not set.

    Raises StudyError if nothing here trains on this backend.
    """
    chosen = os.environ.get("KERAS_BACKEND") or _BACKENDS[0]
    if chosen not in _BACKENDS:
        raise StudyError(
            f"KERAS_BACKEND={chosen}: must be one of {', '.join(_BACKENDS)}{did_you_mean(chosen, _BACKENDS)}"
        )
    return chosen


def load() -> Backend:
    """Returns the module of the backend in use."""
    return cast(Backend, importlib.import_module(f"study.training.backends.{name()}"))
