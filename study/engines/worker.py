"""The life of a worker process: one trial after another, each in its own folder and log."""

import importlib
import io
import json
import multiprocessing
import os
import resource
import signal
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from study.engines.cell_folder import LOG
from study.engines.engine import Built, Epoch, Finished, Preparing, TrialFunction
from study.files import NO_ROOM
from study.space.trial import Failure, Metrics, TrialConfig, TrialResult

GROWTH = 1e9
"""Bytes by which a worker may grow after its first trial before another takes its place: Keras frees little."""


@dataclass(frozen=True)
class PipeReport:
    """A trial's way to speak: through the pipe to its launcher."""

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


def serve(pipe: Connection, function: str, environment: Mapping[str, str]) -> None:
    """Take a trial, run it, report, until the launcher is gone or this process has grown too large.

    Sends each message with whether the worker leaves after it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the launcher decides what it means.
    _end_with_parent()
    os.environ.update(environment)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(line_buffering=True)  # So that what was printed survives a sudden end.
    first, leaving = 0.0, False
    with suppress(EOFError, OSError):
        while not leaving:
            trial, config, folder = pipe.recv()
            result = _run(function, config, PipeReport(trial, folder, pipe))
            first = first or _memory()
            leaving = _memory() - first > GROWTH
            pipe.send((Finished(trial, result), leaving))


def _memory() -> float:
    """The most bytes that this process has had in memory."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _run(function: str, config: TrialConfig, report: PipeReport) -> TrialResult:
    """Run a trial: its result, or how it failed."""
    module, _, name = function.partition(":")
    begin = time.monotonic()
    try:
        with _logged(report.folder / LOG):
            run: TrialFunction = getattr(importlib.import_module(module), name)
            result = run(config, report)
            return TrialResult(**_plain(result.to_json()), curve=tuple(map(_plain, result.curve)))
    except BaseException as error:  # Whatever a user's task raises ends its trial and nothing else.
        return _failed(error, time.monotonic() - begin)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON has them, a NumPy scalar as a number: the launcher need import nothing to read them."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(values), default=_number))
    return plain


def _number(value: Any) -> bool | int | float:
    number: bool | int | float = value.item() if hasattr(value, "item") else float(value)
    return number


def _failed(error: BaseException, seconds: float) -> TrialResult:
    reason = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    theirs = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_theirs(frame.filename)]
    where = f" ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})" if theirs else ""
    own = ["In the task:\n", *traceback.format_list(theirs), "The whole of it:\n"] if theirs else []
    return TrialResult(
        "failed",
        failure=_cause(error, reason.lower()),
        seconds=seconds,
        reason=reason + where,
        traceback="".join([*own, *traceback.format_exception(error)]),
    )


def _cause(error: BaseException, reason: str) -> Failure:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "disk"
    # TensorFlow's ResourceExhaustedError and JAX's XlaRuntimeError: neither is a MemoryError.
    memory = isinstance(error, MemoryError) or ("resource" in reason and "exhausted" in reason)
    return "memory" if memory else "exception"


def _is_theirs(file: str) -> bool:
    """Whether a file is a user's: neither of this package, nor installed, nor Python's own."""
    outside = (str(Path(__file__).parents[1]), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))
    return not file.startswith((*outside, "<"))


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, even if that was killed and nobody could say so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        watch = threading.Thread(target=lambda: (wait([parent.sentinel]), os._exit(1)), daemon=True)
        watch.start()


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Send what is printed, by Python or by a library below it, to a file; last of all an exception's traceback."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
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
        for number, old in zip((1, 2), kept, strict=True):
            os.dup2(old, number)
            os.close(old)
