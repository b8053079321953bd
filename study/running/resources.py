"""The cores, the memory and the GPUs that this machine has for workers."""

import math
from pathlib import Path

from study.engines.control_group import memory_left
from study.engines.local import processors

_WORKER_MEMORY = 1.5e9
"""Bytes that a worker with a small model may need, Keras and TensorFlow included."""
_MEMORY_FILE = Path("/proc/meminfo")
GPU_FOLDER = Path("/proc/driver/nvidia/gpus")


def default_workers(threads: int) -> int:
    """Returns how many workers the cores allow, or the memory if that allows fewer; at least 1."""
    return int(max(1, min(processors() // threads, free_memory() // _WORKER_MEMORY)))


def free_memory() -> float:
    """Returns the bytes that can be used without swapping; infinite if the system does not say."""
    lines = _MEMORY_FILE.read_text(encoding="ascii").splitlines() if _MEMORY_FILE.is_file() else []
    available = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return min(int(available[0]) * 1024 if available else math.inf, memory_left())


def count_gpus() -> int:
    """Returns the number of NVIDIA GPUs."""
    return len(list(GPU_FOLDER.glob("*")))
