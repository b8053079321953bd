"""What a trial in a worker process reports to the launcher, through a pipe."""

import json
import math
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from study.engines.engine import Built, Epoch, Preparing
from study.errors import DataError
from study.space.hints import one_line, short
from study.space.printable import printable
from study.space.trial import Metrics

_SECONDS_BETWEEN = 0.05
"""A task may report after each example. The launcher shows less than that."""


@dataclass
class PipeReport:
    """Sends what a trial reports through the pipe to the launcher. The task's code cannot disturb the pipe."""

    trial: int
    folder: Path
    pipe: Connection
    _process: int = field(default_factory=os.getpid)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: tuple[str, float] = ("", 0.0)
    """What was reported last as being prepared, and when."""

    def preparing(self, what: str, done: int, total: int) -> None:
        message = Preparing(self.trial, printable(what), _count(done, done, total), _count(total, done, total))
        # A process that the task forked shares the pipe, but its half of a message could tear another one.
        if os.getpid() == self._process and self._is_due(message):
            self._send(message)

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        return self._asked(Built(self.trial, plain(size), tuple(map(printable, metrics)), plain(data or {})))

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        return self._asked(Epoch(self.trial, epoch, plain_metrics(metrics)))

    def _is_due(self, message: Preparing) -> bool:
        now, (what, when) = time.monotonic(), self._last
        due = message.what != what or message.done == message.total or now - when >= _SECONDS_BETWEEN
        if due:
            self._last = message.what, now
        return due

    def _asked(self, message: Built | Epoch) -> bool:
        """Send a message and wait for its answer."""
        self._send(message)
        go_on: bool = self.pipe.recv()
        return go_on

    def _send(self, message: Built | Epoch | Preparing) -> None:
        with self._lock:  # The task may report from several threads.
            self.pipe.send((message, False))


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns values that JSON can hold. NumPy scalars become numbers, because the launcher may lack their types."""
    content: dict[str, Any] = json.loads(json.dumps(dict(values), default=_number))
    return content


def plain_metrics(metrics: Metrics) -> dict[str, float]:
    """Returns metrics as plain numbers with printable names. Raises TypeError if one is no number."""
    numbers = {printable(name): value for name, value in plain(metrics).items()}
    for name, value in numbers.items():
        if not isinstance(value, int | float):
            raise TypeError(f"the metric {name!r} must be a number, not {one_line(short(value))}")
    return numbers


def _number(value: Any) -> bool | int | float:
    number: bool | int | float = value.item() if hasattr(value, "item") else float(value)
    return number


def _count(value: Any, done: Any, total: Any) -> int:
    """Returns one of the two numbers as a whole number. Raises DataError if it is none, or negative."""
    try:
        number = math.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if 0 <= number < math.inf:
        return int(number)
    given = ", ".join(one_line(short(part)) for part in (done, total))
    raise DataError(
        f"progress({given}): both must be numbers of at least 0: how much is done, and the total (0 if it is unknown)"
    )
