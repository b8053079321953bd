"""What a trial needs from a Keras backend, and which backend is in use."""

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import keras
    import numpy as np

    from study.data.dataset import StoredExamples

ToStep = Callable[..., tuple[Any, ...]]
"""Turns inputs and targets as they are stored into inputs and targets as a model's step takes them."""


class BatchLoop(Protocol):
    """One compiled call that runs a model's step on each batch.

    It updates the model's metrics and, in training, its weights.
    """

    def __call__(self, inputs: Any, targets: Any, rows: "np.ndarray", *, compile_only: bool = False) -> None:
        """Take these rows (int32) in batches, one after the other; with `compile_only` compile and take none."""


class Backend(Protocol):
    """What a trial needs to know about the backend that computes it."""

    def prepare(self, *, threads: int) -> None:
        """Make the numbers of this process depend on seeds alone."""

    def device(self) -> str:
        """The name of the device that computes."""

    def version(self) -> str:
        """The version of the backend."""

    def device_memory(self) -> int:
        """Bytes of memory that the device has for this process."""

    def compile_loop(
        self,
        model: "keras.Model",
        examples: "StoredExamples",
        *,
        to_step: ToStep,
        batch: int,
        training: bool,
    ) -> BatchLoop:
        """Returns the loop of a built model's training or test steps over arrays like these examples."""


def host_memory() -> int:
    """Returns the bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def name() -> str:
    """Returns the name of the backend in use: KERAS_BACKEND, or TensorFlow if that is not set."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def load() -> Backend:
    """Returns the module of the backend in use."""
    return cast(Backend, importlib.import_module(f"study.training.backends.{name()}"))
