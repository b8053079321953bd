"""Logs finished trials in MLflow in a separate thread, so that MLflow neither delays nor ends a study."""

import gc
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.trial import TrialResult
from study.tracking.connection import failure, tracking_uri
from study.tracking.logged_trials import LoggedTrials
from study.tracking.study_log import StudyLog

_MOST_FAILURES = 3
"""After this many failures in a row, the remaining trials are left to the next start."""
_SWITCH_INTERVAL = 2e-4
"""Seconds that this thread may run while the loop waits. With Python's default of 5 ms, each file delayed the loop."""


class MlflowTracker:
    """Logs finished trials soon. The next start logs the trials that could not be logged.

    `alone` says that this process does nothing else, as the command `study` does.
    """

    def __init__(self, ledger: Ledger, store: Path, *, alone: bool = True) -> None:
        self._ledger = ledger
        self._alone = alone
        self._store = store
        self._logged = LoggedTrials(ledger, store)
        self._queue: queue.SimpleQueue[tuple[Trial, TrialResult] | None] = queue.SimpleQueue()
        # The thread is a daemon, because a server that never answers must not keep the command from ending.
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._failures = 0
        self._switch_interval = sys.getswitchinterval()
        self.problem = ""
        """The last error of the log in words; empty if there was none."""
        for trial, result in ledger.finished(but=self._logged.trials):
            self.log(trial, result)
        if not self._logged.closed:
            self._start()

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a finished trial soon. Returns at once."""
        self._queue.put((trial, result))
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
            # This changes the whole process. `close` restores the old value.
            sys.setswitchinterval(_SWITCH_INTERVAL)
            self._thread.start()

    def _work(self) -> None:
        with self._failures_noted():
            # In a notebook, the models of its user are among the objects, and would never be freed.
            with _excluded_from_collection() if self._alone else nullcontext():
                log = StudyLog(self._store, self._ledger)
            while self._failures < _MOST_FAILURES and (item := self._queue.get()):
                with self._failures_noted():  # If MLflow refuses one trial, the others are still logged.
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
def _excluded_from_collection() -> Iterator[None]:
    """Exclude all objects of this block from garbage collection for good. Importing MLflow makes half a million.

    Collecting them would stop every thread of this process for a quarter of a second, the loop too. They stay frozen
    because they live as long as the process. Unfrozen, they would delay its exit by one to two seconds.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
