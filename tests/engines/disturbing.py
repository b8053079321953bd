"""Trial functions that change their process, and one that says in which state it finds the process."""

import builtins
import decimal
import gc
import locale
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.engines.engine import Report
from study.space.trial import TrialConfig, TrialResult
from tests.trial_functions import succeed

KEPT: list[str] = []
"""What a trial leaves in a variable of its module."""


def state() -> dict[str, Any]:
    """What the functions below change, as this process has it now."""
    return {
        "folder": str(Path.cwd()),
        "environment": sorted(os.environ.items()),
        "path": list(sys.path),
        "arguments": list(sys.argv),
        "umask": os.umask(0o022),
        "locale": locale.setlocale(locale.LC_ALL),
        "recursion": sys.getrecursionlimit(),
        "garbage": (gc.isenabled(), gc.get_threshold()),
        "filters": len(warnings.filters),
        "decimal": decimal.getcontext().prec,
        "signals": [str(signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM)],
        "alarm": signal.getitimer(signal.ITIMER_REAL),
        "print": builtins.print is print,
        "extra": hasattr(builtins, "extra"),
        "stdout": sys.stdout is sys.__stdout__,
        "logging": (logging.root.level, len(logging.root.handlers), logging.root.manager.disable),
        "temporary": tempfile.tempdir,
        "time zone": time.tzname,
        "kept": list(KEPT),
    }


def look(config: TrialConfig, report: Report) -> TrialResult:
    """Report the process, its hashes and its state."""
    return replace(succeed(config), environment={"pid": os.getpid(), "hash": hash("text"), **state()})


def disturb(config: TrialConfig, report: Report) -> TrialResult:
    """Report the state, then change all of it."""
    result = look(config, report)
    os.chdir("/")
    os.environ.update(DISTURBED="yes", TZ="Asia/Tokyo", PYTHONHASHSEED="7")
    time.tzset()
    sys.path.insert(0, "/nowhere")
    sys.argv.append("more")
    os.umask(0o077)
    sys.setrecursionlimit(5000)
    gc.disable()
    gc.set_threshold(1, 1, 1)
    warnings.simplefilter("error")
    decimal.getcontext().prec = 5
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 1000)
    builtins.extra = 1  # type: ignore[attr-defined]
    builtins.print = lambda *_: None  # type: ignore[assignment]
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    logging.basicConfig(level=logging.DEBUG, force=True)
    logging.disable(logging.CRITICAL)
    tempfile.tempdir = "/nowhere"
    random.seed(3)
    KEPT.append("something")
    return result


def leave_a_thread(config: TrialConfig, report: Report) -> TrialResult:
    """Leave a thread that never ends."""
    threading.Thread(target=threading.Event().wait, name="never-ending", daemon=True).start()
    return look(config, report)


def leave_a_process(config: TrialConfig, report: Report) -> TrialResult:
    """Leave a child process that ends when its input does."""
    subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    return look(config, report)


def fail(config: TrialConfig, report: Report) -> TrialResult:
    """Fail, and say in which process."""
    raise ValueError(os.getpid())


def fail_if_used(config: TrialConfig, report: Report) -> TrialResult:
    """Fail in a process that has run this before, as after a broken device; report an epoch first."""
    go_on = report.built({"parameters": 1}) and report.epoch(1, {"val_acc": 0.5})
    used = getattr(signal, "used", False)
    signal.used = True  # type: ignore[attr-defined]  # A module that is not the user's.
    if used:
        raise RuntimeError("an illegal memory access was encountered")
    return replace(look(config, report), state="complete" if go_on else "pruned")
