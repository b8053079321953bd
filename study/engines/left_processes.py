"""Ends the processes that a worker's task has started and that outlive the worker.

They may hold its end of the pipe, its locks, its memory and its GPU.
"""

import os
import signal
import uuid
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

MARK = "STUDY_WORKER"
"""The environment variable that tells which worker a process comes from. Every process inherits it."""
_PROCESSES = Path("/proc")


def new_mark() -> str:
    """Returns a mark that no other worker has."""
    return uuid.uuid4().hex


def end_left_processes(marks: Collection[str]) -> None:
    """Kill every process that has one of these marks, except this one, if the system lists processes."""
    wanted = {f"{MARK}={mark}".encode() for mark in marks}
    for folder in _PROCESSES.glob("[0-9]*") if wanted else ():
        # It may have ended meanwhile, or be another user's.
        with suppress(OSError):
            if int(folder.name) != os.getpid() and wanted & set((folder / "environ").read_bytes().split(b"\0")):
                os.kill(int(folder.name), signal.SIGKILL)
