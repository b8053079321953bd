"""Runs in a worker process: one trial after another, each with its own folder and log."""

import importlib
import io
import multiprocessing
import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from study.engines import process_state
from study.engines.cell_folder import LOG
from study.engines.engine import Finished, TrialFunction
from study.engines.failed_result import failed_result
from study.engines.left_processes import MARK, end_left_processes
from study.engines.pipe_report import PipeReport, plain, plain_metrics
from study.engines.python_switches import PYTHON_SWITCHES
from study.engines.stop_signals import leave_to_launcher
from study.space.trial import TrialConfig, TrialResult

MEMORY_GROWTH_LIMIT = 1e9
"""Bytes by which a worker may grow after its first trial. If it grows more, a new worker replaces it, because Keras
frees little memory.
"""


def serve(pipe: Connection, function: str, environment: Mapping[str, str], folders: Sequence[str]) -> None:
    """Run one trial after another, until the launcher is gone or this process is not fit for another trial.

    Modules of the user are searched for in `folders`, behind all packages.
    Each message is sent with a flag: whether the worker ends after it. The signal handlers, the environment and the
    streams stay changed, because this process does nothing else.
    """
    leave_to_launcher()  # The launcher held the signals back until now.
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
            values = {**plain(result.to_json()), "final": plain_metrics(result.final)}
            return TrialResult(**values, curve=tuple(map(plain_metrics, result.curve)))
    except BaseException as error:  # An exception of the user's task ends this trial only, of any type.
        return failed_result(error, time.monotonic() - begin)


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, even if the parent was killed without a chance to say so."""
    parent, mark = multiprocessing.parent_process(), os.environ.get(MARK, "")
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent.sentinel, mark), daemon=True).start()


def _exit_after(sentinel: int, mark: str) -> None:
    """Wait for the end of the launcher, and then end this process and those that its task has started."""
    wait([sentinel])
    with suppress(Exception):  # Whatever happens there, this process must end.
        end_left_processes([mark])
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
