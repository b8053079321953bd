"""Python's search for unreachable objects, and where it is not worth its time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Let Python not search for unreachable objects meanwhile. Also a decorator.

    It searches again and again while objects are made. Where millions are made and all are kept, as when a large store
    is read, this takes a third of the time and finds nothing.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
