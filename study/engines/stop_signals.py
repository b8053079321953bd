"""The signals by which a terminal, a scheduler or a person asks a run to stop: the launcher decides what follows."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
"""Ctrl-C; `timeout`, systemd, SLURM's time limit; a closed terminal; and two that SLURM's `--signal` may send."""
_HANDLED = STOP_SIGNALS[1:]


@contextmanager
def handled(numbers: Iterable[int], handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Let a handler receive these signals within this block. The handlers before it are put back."""
    former = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in former.items():
            signal.signal(number, before)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let these signals raise KeyboardInterrupt, as Ctrl-C does, if they would end the process without a word."""
    numbers = STOP_SIGNALS[1:] if threading.current_thread() is threading.main_thread() else ()
    former = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    with handled(former, signal.default_int_handler):
        yield


def leave_to_launcher() -> None:
    """Let this process, a worker, take no notice of these signals, which reach every process of a job.

    They may be blocked until now. A process that the task starts is ended by them, as everywhere.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in _HANDLED:
        # A signal that is ignored stays so in every process that this one starts. A pool of the task could then not be
        # ended, because multiprocessing ends its processes by SIGTERM.
        signal.signal(number, _take_no_notice)
        signal.siginterrupt(number, False)  # Libraries in C need not expect that a call is interrupted.
    os.register_at_fork(after_in_child=_react_again)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def _take_no_notice(number: int, frame: object) -> None:
    pass


def _react_again() -> None:
    for number in _HANDLED:
        if signal.getsignal(number) is _take_no_notice:
            signal.signal(number, signal.SIG_DFL)
