"""Logs finished trials in MLflow, in a thread of its own, so that MLflow holds up no study and ends none."""

import gc
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.trial import TrialResult
from study.tracking.connection import failure, tracking_uri
from study.tracking.logged_trials import LoggedTrials
from study.tracking.study_log import StudyLog

_MOST_FAILURES = 3
"""How many trials in a row may fail to be logged before the rest is left to the next start."""
_SWITCH_INTERVAL = 2e-4
"""Seconds that this thread may run while the loop waits. With Python's own 5 ms the loop waited at every file."""


class MlflowTracker:
    """Logs finished trials soon. What cannot be logged now is logged at the next start."""

    def __init__(self, ledger: Ledger, store: Path) -> None:
        self._ledger = ledger
        self._store = store
        self._logged = LoggedTrials(ledger, store)
        self._queue: queue.SimpleQueue[tuple[Trial, TrialResult] | None] = queue.SimpleQueue()
        # A daemon, so that a server which never answers cannot keep the command from ending.
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._failures = 0
        self._switch_interval = sys.getswitchinterval()
        self.problem = ""
        """What went wrong with the log; empty if nothing did."""
        for claim, result in ledger.finished(but=self._logged.trials):
            self.log(claim, result)
        if not self._logged.closed:
            self._start()

    def log(self, claim: Trial, result: TrialResult) -> None:
        """Log a finished trial soon. Returns at once."""
        self._queue.put((claim, result))
        self._start()

    def close(self) -> None:
        """Wait until everything is logged. Ctrl-C ends the wait and leaves the rest to the next start."""
        self._queue.put(None)
        try:
            if self._thread.is_alive():
                self._thread.join()
        except KeyboardInterrupt:
            self.problem = self.problem or f"MLflow ({tracking_uri(self._store)}): the last trials are not logged yet"
        finally:
            sys.setswitchinterval(self._switch_interval)

    def _start(self) -> None:
        if self._thread.ident is None:
            # This acts on the whole process; `close` takes it back.
            sys.setswitchinterval(_SWITCH_INTERVAL)
            self._thread.start()

    def _work(self) -> None:
        with self._failures_noted():
            with _never_collected():
                log = StudyLog(self._store, self._ledger)
            while self._failures < _MOST_FAILURES and (item := self._queue.get()):
                with self._failures_noted():  # If MLflow refuses one trial, the others are logged all the same.
                    log.log(*item)
                    self._logged.add(item[0].number)
                    self._failures = 0
            log.end(self._ledger.counts())
            self._logged.close()

    @contextmanager
    def _failures_noted(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # The log must never stop a study: the ledger has everything.
            self._failures += 1
            self.problem = failure(self._store, error)


@contextmanager
def _never_collected() -> Iterator[None]:
    """Keep the half million objects that MLflow makes when it is imported out of every garbage collection.

    A collection of them stops every thread of this process for a quarter of a second, the loop too. This is not taken
    back: they live as long as the process, and unfreezing them would make it take one to two seconds longer to exit.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
