"""Connects the launcher to a Ray cluster, and says how many workers its nodes can hold."""

import os
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from study.errors import StudyError

_OBJECT_STORE_BYTES = 100 * 2**20
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # Without this, Ray would print messages of its processes into the launcher's progress display.
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",
}


@dataclass(frozen=True)
class Slot:
    """The cores and GPUs that a worker takes from its node. It may take a part of a GPU. It sees no other GPU."""

    threads: int = 1
    gpus: float = 0

    def __post_init__(self) -> None:
        if self.threads < 1 or self.gpus < 0 or (self.gpus > 1 and self.gpus % 1):
            raise StudyError(f"a worker takes at least 1 thread, and up to 1 or whole GPUs, not {self}")

    def fits(self, resources: Mapping[str, float]) -> int:
        """Returns how many such workers a node with these resources can hold."""
        wanted = {"CPU": self.threads, "GPU": self.gpus}
        return min(int(resources.get(name, 0) / much + 1e-9) for name, much in wanted.items() if much)


def connect(address: str | None, *, cores: int) -> Any:
    """Connect to the cluster at an address, or start a private one with this number of cores. Returns the module `ray`.

    Some environment variables stay set, because Ray reads them when it is imported and in the processes that it starts.
    """
    os.environ.update({**_QUIET, **os.environ})
    try:
        import ray
    except ImportError as error:
        raise StudyError(f"trials on a Ray cluster need Ray ({error}): pip install 'keras-study[ray]'") from None
    private: dict[str, Any] = {
        "num_cpus": cores,
        "object_store_memory": _OBJECT_STORE_BYTES,
        "include_dashboard": False,
    }
    handler = signal.getsignal(signal.SIGTERM)
    try:
        if address:
            _check_port(address)
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **({} if address else private))
    except Exception as error:  # A wrong address, another version or a missing token: each raises another type.
        problem = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise StudyError(f"Ray at {address or 'this machine'}: {problem}") from error
    finally:
        # In the main thread Ray sets its own handler, so ours is set again. In other threads this is impossible.
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, handler)
    return ray


def _check_port(address: str) -> None:
    """Raise OSError if nothing listens at `host:port`. Ray itself would need minutes to report that."""
    host, _, port = address.rpartition(":")
    if port.isdecimal() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=10).close()
