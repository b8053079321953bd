"""The environment of a worker: the variables that the launcher sets, and the facts that a trial records."""

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import numpy as np

from study.errors import TaskError
from study.space import task_call
from study.space.task_loading import task_of
from study.space.trial import TrialConfig
from study.task import Task
from study.training.backends import backend as backends
from study.training.kernels import kernel_variables, processor


def worker_environment(threads: int) -> dict[str, str]:
    """Returns the environment variables that give a backend this many threads and keep it quiet.

    They must be set before the backend is imported, because it reads them only once.
    """
    count = str(threads)
    limits = ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    xla = os.environ.get("XLA_FLAGS", "")
    single = " --xla_cpu_multi_thread_eigen=false" if threads == 1 else ""
    # Without it, the products of matrices on a GPU are refused where determinism is asked for.
    torch = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"} if backends.name() == "torch" else {}
    return {
        **torch,
        **kernel_variables(),  # Ray's nodes do not inherit them.
        **dict.fromkeys(limits, count),
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2"),
        "KERAS_BACKEND": backends.name(),
        "XLA_FLAGS": (xla + single).strip(),
    }


def task_in_worker(config: TrialConfig) -> Task:
    """Bring this process into the state in which every trial begins, then import the task.

    Raises TaskError if the import sets variables that Keras should have found when it was loaded.
    """
    prepare_worker()
    before = kernel_variables()
    task = task_of(config)
    task_call.load(task)
    late = {name: value for name, value in kernel_variables().items() if before.get(name) != value}
    if late:
        variables = " ".join(f"{name}={value}" for name, value in late.items())
        raise TaskError(f"task {task.name!r} sets {variables} too late; set it before the command: {variables} study …")
    return task


def prepare_worker() -> None:
    """Load Keras, and bring this process into the state in which every trial begins."""
    from study.training import keras_state  # Here, because the launcher imports this module and must not load Keras.

    keras_state.prepare(threads=_threads())


def describe_worker() -> dict[str, Any]:
    """Returns everything that may change the numbers of a trial: backend, device, threads, variables and versions."""
    import keras  # Here, because the launcher imports this module and must not load TensorFlow.

    backend = backends.load()
    device = backend.device()
    return {
        "backend": backends.name(),
        "device": device,
        "threads": _threads(),
        # On another device the processor computes nothing that counts.
        **({"processor": processor()} if device == "cpu" else {}),
        "variables": " ".join(f"{name}={value}" for name, value in kernel_variables().items()) or "none",
        "python": platform.python_version(),
        "keras": keras.__version__,
        backends.name(): backend.version(),
        "numpy": np.__version__,
        "keras-study": _own_version(),
    }


def environment_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Returns what differs, each as "name: value -> value". What one of the two did not record is not compared."""
    return [f"{name}: {before[name]} -> {now[name]}" for name in before if name in now and before[name] != now[name]]


def _threads() -> int:
    return int(os.environ.get("TF_NUM_INTRAOP_THREADS") or os.cpu_count() or 1)


def _own_version() -> str:
    try:
        return metadata.version("keras-study")
    except metadata.PackageNotFoundError:  # It runs from a checkout that was never installed.
        return "not installed"
