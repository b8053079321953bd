"""The environment of a worker: the variables that the launcher sets, and the facts that a trial records."""

import os
import platform
from importlib import metadata
from typing import Any

import numpy as np

from study.training.backends import backend as backends


def worker_environment(threads: int) -> dict[str, str]:
    """Returns the environment variables that give a backend this many threads and keep it quiet.

    They must be set before the backend is imported, because it reads them only once.
    """
    count = str(threads)
    limits = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    xla = os.environ.get("XLA_FLAGS", "")
    single = " --xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    return {
        **dict.fromkeys(limits, count),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "KERAS_BACKEND": backends.name(),
        "XLA_FLAGS": (xla + single).strip(),
    }


def prepare_worker() -> None:
    """Import Keras, and make the numbers of this process repeatable."""
    import keras  # noqa: F401  # Here, because the launcher imports this module and must not load TensorFlow.

    backends.load().prepare(threads=_threads())


def describe_worker() -> dict[str, Any]:
    """Returns everything that may change the numbers of a trial: backend, device, threads and versions."""
    import keras  # Here, because the launcher imports this module and must not load TensorFlow.

    backend = backends.load()
    return {
        "backend": backends.name(),
        "device": backend.device(),
        "threads": _threads(),
        "python": platform.python_version(),
        "keras": keras.__version__,
        backends.name(): backend.version(),
        "numpy": np.__version__,
        "keras-study": _own_version(),
    }


def _threads() -> int:
    return int(os.environ.get("TF_NUM_INTRAOP_THREADS") or os.cpu_count() or 1)


def _own_version() -> str:
    try:
        return metadata.version("keras-study")
    except metadata.PackageNotFoundError:  # It runs from a checkout that was never installed.
        return "not installed"
