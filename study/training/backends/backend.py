"""One module for each Keras backend; they alone import TensorFlow or JAX."""

import importlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    import keras
    import numpy as np

    from study.data.dataset import Kept


class Batches(Protocol):
    """One compiled call: a model's step on each batch, which updates its metrics and, in training, its weights."""

    def __call__(self, inputs: Any, targets: Any, rows: "np.ndarray", *, dry: bool = False) -> None:
        """Take the batches one after the other from these rows (int32); where it is dry, only compile."""


class Backend(Protocol):
    """What a trial needs to know of the backend that computes it."""

    def prepare(self, *, threads: int) -> None:
        """Make the numbers of this process depend on seeds alone."""

    def device(self) -> str:
        """The device that computes, in a word or two."""

    def version(self) -> str:
        """The backend's version."""

    def memory(self) -> int:
        """Bytes of memory of the device."""

    def compiled(
        self,
        model: "keras.Model",
        examples: "Kept",
        *,
        see: Callable[[Any, Any], tuple[Any, Any]],
        batch: int,
        training: bool,
    ) -> Batches:
        """A built model's training or test steps over arrays like these, which `see` turns into what a step takes."""


def host_memory() -> int:
    """Bytes of memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def environment(threads: int) -> dict[str, str]:
    """What must be set before a backend is imported, for it to use this many threads and keep quiet."""
    count = str(threads)
    limits = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    xla = os.environ.get("XLA_FLAGS", "")
    single = " --xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    return {
        **dict.fromkeys(limits, count),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "KERAS_BACKEND": name(),
        "XLA_FLAGS": (xla + single).strip(),
    }


def name() -> str:
    """The backend in use: KERAS_BACKEND, else TensorFlow."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"


def load() -> Backend:
    """The module of the backend in use."""
    return cast(Backend, importlib.import_module(f"study.training.backends.{name()}"))
