"""Stops a run: at Ctrl-C, at SIGTERM, and when the time is up."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequests:
    """Whether to stop as soon as each running trial has finished its epoch. Calling it gives the answer."""

    def __init__(self, hours: float, console: Console) -> None:
        self._end = time.monotonic() + hours * 3600
        self._console = console
        self.signal: int | None = None
        """The first signal that asked for a stop; None if there was none."""

    def __call__(self) -> bool:
        return self.signal is not None or self.hours_left <= 0

    @property
    def hours_left(self) -> float:
        """The hours until the end of the given time; not above 0 once it is over."""
        return (self._end - time.monotonic()) / 3600

    def receive(self, number: int, _: object = None) -> None:
        """Ask for a stop. The second time, this raises KeyboardInterrupt."""
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        self._console.print("stopping when each trial's epoch is over; Ctrl-C again stops now", highlight=False)


@contextmanager
def stop_requests(hours: float, console: Console) -> Iterator[StopRequests]:
    """Yields the requests to stop: Ctrl-C, SIGTERM, and the end of the given time.

    The handlers of these signals are put back at the end. Only the main thread of a process can receive signals. In
    another thread, only the time ends a run.
    """
    requests, former = StopRequests(hours, console), {}
    if threading.current_thread() is threading.main_thread():
        # None is a handler that was not set from Python, and cannot be set again.
        known = [number for number in _SIGNALS if signal.getsignal(number) is not None]
        former = {number: signal.signal(number, requests.receive) for number in known}
    try:
        yield requests
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
