"""Stops a run: at Ctrl-C, at SIGTERM, and when the time is up."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def stop_requests(hours: float, console: Console) -> Iterator[Callable[[], bool]]:
    """Yields a function. It returns whether to stop as soon as each running trial has finished its epoch.

    It returns True after the first Ctrl-C or SIGTERM, and when the time is up. A second one raises KeyboardInterrupt.
    """
    end = time.monotonic() + hours * 3600
    requested = False

    def request(number: int, _: object) -> None:
        nonlocal requested
        if requested:
            raise KeyboardInterrupt
        requested = True
        console.print("stopping when each trial's epoch is over; Ctrl-C again stops now", highlight=False)

    former = {number: signal.signal(number, request) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: requested or time.monotonic() > end
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
