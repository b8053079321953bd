"""Logs trials in MLflow in a separate thread, so that MLflow neither delays nor ends a study."""

import gc
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from study.engines.engine import Epoch, Message
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.hints import short
from study.space.trial import TrialResult
from study.tracking.connection import failure, quieten, shown_uri
from study.tracking.live_epochs import LiveEpochs, Pace
from study.tracking.logged_trials import LoggedTrials
from study.tracking.mlflow_names import LONGEST_NAME
from study.tracking.study_file import StudyFile

if TYPE_CHECKING:
    from study.tracking.study_log import StudyLog

_MOST_FAILURES = 3
"""After this many failures in a row, the remaining trials are left to the next start."""
_SWITCH_INTERVAL = 2e-4
"""Seconds that this thread may run while the loop waits. With Python's default of 5 ms, each file delayed the loop."""


class MlflowTracker:
    """Logs trials soon. The next start logs the finished trials that could not be logged.

    `alone` says that this process does nothing else, as the command `study` does. `file` is the study's file.
    """

    def __init__(self, ledger: Ledger, store: Path, *, alone: bool = True, file: Path | None = None) -> None:
        self._ledger = ledger
        self._alone = alone
        self._store = store
        self._file = StudyFile.read(file)
        self._logged = LoggedTrials(ledger, store)
        self._logged.forget_lost()
        self._live = LiveEpochs()
        self._queue: queue.SimpleQueue[tuple[Trial, TrialResult] | None] = queue.SimpleQueue()
        # The thread is a daemon, because a server that never answers must not keep the command from ending.
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._failures = 0
        self._is_new = True
        """Whether a trial was logged that the parent run does not show yet."""
        # What is shown while trials run takes a thirtieth of this thread's time, and what the parent shows a hundredth.
        self._live_pace, self._parent_pace = Pace(rest=2, times=30), Pace(rest=10, times=100)
        self._switch_interval = sys.getswitchinterval()
        self._names: set[str] = set()
        """The names of metrics and settings of the trials that were given to this log."""
        self.problem = ""
        """The last error of the log in words; empty if there was none."""
        for trial, result in ledger.finished(but=self._logged.trials):
            self.log(trial, result)
        if not self._logged.closed:
            self._start()

    def started(self, trial: Trial) -> None:
        """Note that a trial began. Returns at once."""
        self._live.start(trial)

    def received(self, trial: Trial, message: Message) -> None:
        """Show an epoch of a running trial soon, if MLflow is fast enough. Returns at once."""
        if isinstance(message, Epoch):
            self._live.add(trial, message.epoch, message.metrics)
            self._start()

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a finished trial soon. Returns at once."""
        self._live.end(trial)
        self._names |= {*result.metrics, *trial.config.settings}
        self._queue.put((trial, result))
        self._start()

    @property
    def note(self) -> str:
        """A line about names of the logged trials that MLflow shows shortened; empty if there are none."""
        long = sorted(name for name in self._names if len(name) > LONGEST_NAME)
        if not long:
            return ""
        return (
            f"MLflow takes names of at most {LONGEST_NAME} characters: it shows {len(long)} of this study's shortened, "
            f"each always alike, such as {short(long[0])}; tables and exports have them whole"
        )

    def close(self) -> None:
        """Wait until everything is logged. Ctrl-C ends the wait and leaves the rest to the next start."""
        self._queue.put(None)
        try:
            if self._thread.is_alive():
                self._thread.join()
        except KeyboardInterrupt:
            self.problem = self.problem or f"MLflow ({shown_uri(self._store)}): the last trials are not logged yet"
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
                # First, because the next import loads MLflow.
                quieten()
                # Here, because a study without anything to log must not wait for pandas and MLflow.
                from study.tracking.study_log import StudyLog

                log = StudyLog(self._store, self._ledger, file=self._file)
            self._refresh(log)
            self._log_all(log)
            self._refresh(log)
            log.end(self._ledger.counts())
            self._logged.close()
        self._live.close()

    def _log_all(self, log: "StudyLog") -> None:
        """Log every finished trial until the queue ends, and show in between what runs."""
        while self._failures < _MOST_FAILURES:
            self._show(log)
            with suppress(queue.Empty):
                if (item := self._queue.get(timeout=self._live_pace.wait)) is None:
                    return
                with self._failures_noted():  # If MLflow refuses one trial, the others are still logged.
                    log.log(*item)
                    self._logged.add(item[0].number)
                    self._failures, self._is_new = 0, True

    def _show(self, log: "StudyLog") -> None:
        """Show the epochs of running trials and the points so far, whenever it is time for that."""
        if not self._live_pace.wait:
            # Whatever fails here is tried again later, and the finished trials are logged anyway.
            with self._live_pace.timed(), suppress(Exception):
                for running in self._live.take():
                    log.show(running)
        if self._is_new and not self._parent_pace.wait:
            self._refresh(log)

    def _refresh(self, log: "StudyLog") -> None:
        # MLflow documents no views, and what the parent shows can be read elsewhere. So nothing depends on it.
        with self._parent_pace.timed(), suppress(Exception):
            self._is_new = False
            log.refresh()

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
