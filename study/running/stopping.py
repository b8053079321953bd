"""Stops a run: at Ctrl-C, at a signal of a scheduler or of a terminal that closes, and when the time is up."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from rich.console import Console

from study.engines.stop_signals import STOP_SIGNALS, handled
from study.running.allocation import hours_of_allocation
from study.streams import leave_closed_terminal

_ONE_PRESS = 0.1
"""Seconds in which a signal that comes twice counts once: `timeout` sends it to its command and to the whole group."""


class StopRequests:
    """Whether to stop as soon as each running trial has finished its epoch. Calling it gives the answer."""

    def __init__(self, hours: float, console: Console) -> None:
        self._end = time.monotonic() + min(hours, hours_of_allocation()) * 3600
        self._console = console
        self.signal: int | None = None
        """The first signal that asked for a stop; None if there was none."""
        self._since = 0.0
        """When it came."""

    def __call__(self) -> bool:
        return self.signal is not None or self.hours_left <= 0

    @property
    def hours_left(self) -> float:
        """The hours until the end of the given time; not above 0 once it is over."""
        return (self._end - time.monotonic()) / 3600

    def receive(self, number: int, _: object = None) -> None:
        """Ask for a stop. A Ctrl-C after that raises KeyboardInterrupt; other signals often come twice."""
        if self.signal is None:
            self.signal, self._since = number, time.monotonic()
            self._say("stopping when each trial's epoch is over; Ctrl-C again stops now")
        elif number == signal.SIGINT and not (number == self.signal and time.monotonic() - self._since < _ONE_PRESS):
            raise KeyboardInterrupt

    def _say(self, line: str) -> None:
        leave_closed_terminal()
        with suppress(OSError):  # What cannot be said must not keep the run from ending well.
            self._console.print(line, highlight=False)


@contextmanager
def stop_requests(hours: float, console: Console) -> Iterator[StopRequests]:
    """Yields the requests to stop: the signals that ask for it, and the end of the given time.

    The end of a SLURM job is known, and counts as the end of the time. The handlers of the signals are put back at the
    end. Only the main thread of a process can receive signals. In another thread, only the time ends a run.
    """
    requests = StopRequests(hours, console)
    numbers = STOP_SIGNALS if threading.current_thread() is threading.main_thread() else ()
    with handled(filter(_is_ours, numbers), requests.receive):
        yield requests


def _is_ours(number: int) -> bool:
    """Whether a run reacts to a signal. `nohup` has SIGHUP ignored, and a user's script may have its own handlers."""
    handler = signal.getsignal(number)
    if number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        return handler in (signal.SIG_DFL, signal.default_int_handler)
    return handler is not None  # None is a handler that was not set from Python, and cannot be set again.
