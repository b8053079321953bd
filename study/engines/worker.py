"""Runs in a worker process: one trial after another, each with its own folder and log."""

import importlib
import io
import json
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from study.engines import process_state
from study.engines.cell_folder import LOG
from study.engines.engine import Built, Epoch, Finished, Preparing, TrialFunction
from study.engines.python_switches import PYTHON_SWITCHES
from study.files import NO_ROOM
from study.space.task_code import is_users
from study.space.trial import Failure, Metrics, TrialConfig, TrialResult

MEMORY_GROWTH_LIMIT = 1e9
"""Bytes by which a worker may grow after its first trial. If it grows more, a new worker replaces it, because Keras
frees little memory.
"""


@dataclass(frozen=True)
class PipeReport:
    """Sends what a trial reports through the pipe to the launcher."""

    trial: int
    folder: Path
    pipe: Connection

    def preparing(self, what: str, done: int, total: int) -> None:
        self.pipe.send((Preparing(self.trial, what, done, total), False))

    def built(self, size: Metrics) -> bool:
        return self._asked(Built(self.trial, _plain(size)))

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        return self._asked(Epoch(self.trial, epoch, _plain(metrics)))

    def _asked(self, message: Built | Epoch) -> bool:
        """Send a message and wait for its answer."""
        self.pipe.send((message, False))
        go_on: bool = self.pipe.recv()
        return go_on


def serve(pipe: Connection, function: str, environment: Mapping[str, str], folders: Sequence[str]) -> None:
    """Run one trial after another, until the launcher is gone or this process is not fit for another trial.

    Modules of the user are searched for in `folders`, behind all packages.
    Each message is sent with a flag: whether the worker ends after it. The signal handler, the environment and the
    streams stay changed, because this process does nothing else.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process, but only the launcher shall react.
    _end_with_parent()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)  # If the process is killed, the printed lines must not be lost.
    sys.path.extend(folder for folder in folders if folder not in sys.path)
    process_state.remember(PYTHON_SWITCHES)
    memory_at_first, leaving = 0.0, False
    with suppress(EOFError, OSError):
        while not leaving:
            trial, config, folder = pipe.recv()
            result = _run(function, config, PipeReport(trial, folder, pipe))
            memory_at_first = memory_at_first or _peak_memory()
            leaving = _unfit(result, folder / LOG) or _peak_memory() - memory_at_first > MEMORY_GROWTH_LIMIT
            pipe.send((Finished(trial, result), leaving))


def _unfit(result: TrialResult, log: Path) -> bool:
    """Put this process back into its first state. Returns whether it is unfit for another trial all the same.

    After a failure it is, because a library or a device may be in any state. The log tells everything else that cannot
    be put back.
    """
    problems = process_state.restore()
    if problems:
        with suppress(OSError), log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"The next trial runs in a new process, because after this one {'; '.join(problems)}.\n")
    return bool(problems) or result.state == "failed"


def _peak_memory() -> float:
    """Returns the largest number of bytes that this process has had in memory."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _run(function: str, config: TrialConfig, report: PipeReport) -> TrialResult:
    """Run a trial. Returns its result, or a failed result if it raises anything."""
    module, _, name = function.partition(":")
    begin = time.monotonic()
    try:
        with _output_to(report.folder / LOG):
            run: TrialFunction = getattr(importlib.import_module(module), name)
            result = run(config, report)
            return TrialResult(**_plain(result.to_json()), curve=tuple(map(_plain, result.curve)))
    except BaseException as error:  # An exception of the user's task ends this trial only, of any type.
        return _failed(error, time.monotonic() - begin)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values that JSON can hold. NumPy scalars become numbers, because the launcher may lack their types."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), default=_number))
    return plain


def _number(value: Any) -> bool | int | float:
    number: bool | int | float = value.item() if hasattr(value, "item") else float(value)
    return number


def _failed(error: BaseException, seconds: float) -> TrialResult:
    """Returns a failed result. Its traceback begins with the lines of the user's own code."""
    reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    user_frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)]
    where = f" ({Path(user_frames[-1].filename).name}, line {user_frames[-1].lineno})" if user_frames else ""
    summary = ["In the task:\n", *traceback.format_list(user_frames), "All of it:\n"] if user_frames else []
    return TrialResult(
        "failed",
        failure=_cause(error, reason.lower()),
        seconds=seconds,
        reason=reason + where,
        traceback="".join([*summary, *traceback.format_exception(error)]),
    )


def _cause(error: BaseException, reason: str) -> Failure:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "disk"
    # TensorFlow's ResourceExhaustedError and JAX's XlaRuntimeError: neither is a MemoryError.
    memory = isinstance(error, MemoryError) or ("resource" in reason and "exhausted" in reason)
    return "memory" if memory else "exception"


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, even if the parent was killed without a chance to say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel,), daemon=True).start()


def _exit_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Send all output to a file, also that of libraries not written in Python. A traceback goes there at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    streams = os.dup(1), os.dup(2)
    try:
        with path.open("ab") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, old in zip((1, 2), streams, strict=True):
            os.dup2(old, number)
            os.close(old)
