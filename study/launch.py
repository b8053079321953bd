"""Runs a study in its store: its missing cells, and their log in MLflow."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from study.errors import StoppedError, StoreError
from study.ledger.ledger import Ledger
from study.ledger.own_file import FileChangedError
from study.records.kept_results import keep_results
from study.report.end_report import write_at_end
from study.running.replay import Attended
from study.running.session import Options, Session, run_session
from study.running.stopping import stop_requests
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.tracking.tracker import MlflowTracker
from study.winner.best_model import log_best_model
from study.winner.weights import Print


@dataclass(frozen=True)
class Launch:
    """What a launch of a study has done. While it lasts, this process alone may write the study."""

    ledger: Ledger
    session: Session
    problem: str
    """Why MLflow has not taken everything; empty if it has. The next launch logs the rest."""

    @property
    def may_log_model(self) -> bool:
        """Whether the best point is final and MLflow takes its model, and the report."""
        counts = self.ledger.counts()
        return not self.problem and not self.session.stopped and counts["complete"] > 0 and not counts["missing"]


@contextmanager
def launched(
    space: SearchSpace,
    store: Path,
    options: Options,
    console: Console,
    *,
    accept: bool = False,
    retry_failed: bool = False,
    alone: bool = True,
    file: Path | None = None,
) -> Iterator[Launch]:
    """Run the missing cells of a study and log them. With `retry_failed`, cells that failed for good run again.

    `accept` says that cells of other code of the task count as made by this code. `alone` says that this process does
    nothing else. `file` is the study's file, if it has one. Raises StoreError if another process owns the study, or if
    the space, the threads or the code would change its results.
    """
    with Ledger.own(store, space, threads=options.threads, code=code_of(space), accept=accept) as ledger:
        if ledger.note:
            console.print(ledger.note, highlight=False)
        try:
            if retry_failed:
                ledger.forget_failures()
            with closing(MlflowTracker(ledger, store, alone=alone, file=file)) as tracker:
                session = run_session(ledger, tracker, options, console)
                if tracker.note:
                    console.print(tracker.note, highlight=False)
        except FileChangedError as changed:
            raise StoreError(keep_results(ledger, changed)) from None
        yield Launch(ledger, session, tracker.problem)


def log_model(launch: Launch, store: Path, console: Console, *, say: Print, warn: Print) -> str | None:
    """Log the model of the best point, as `log_best_model` does. `console` shows the progress if its cell runs again.

    Raises StoppedError if the user stops that run, or if the launch has no time left for it.
    """
    with stop_requests(launch.session.hours_left, console) as stopping:
        try:
            attended = Attended(console, stopping)
            return log_best_model(launch.ledger, store, say=say, warn=warn, attended=attended)
        except StoppedError as stopped:
            why = "to make the weights of the best point's model, which this store lacks; the same command goes on"
            raise StoppedError(f"{stopped}, {why}", signal=stopping.signal) from None


def log_report(launch: Launch, store: Path, *, say: Print, warn: Print) -> None:
    """Write the report of a complete study and keep it in MLflow, unless that was done with the same results."""
    if launch.may_log_model:
        write_at_end(launch.ledger, store, say=say, warn=warn)


def report(launch: Launch, store: Path, console: Console, *, say: Print, warn: Print) -> str:
    """Log the model of the best point if all cells are there, and say how the launch ended.

    Returns the line about a stop; empty if the study was not stopped. Raises StoppedError if the user stops the run
    that makes the model's weights again.
    """
    counts, problem = launch.ledger.counts(), launch.problem
    if problem:
        warn(f"{problem}\nNothing is lost: it is logged at the next run.")
    if launch.session.stopped:
        end = launch.session.stop_line(counts, again="call")
        say(end)
        return end
    if counts["failed"]:
        warn(f"{counts['failed']} of {counts.total()} cells failed for good: the column `reason` of `table` says why,")
        warn("`run(retry_failed=True)` runs them again")
    try:
        if launch.may_log_model and (address := log_model(launch, store, console, say=say, warn=warn)):
            say(f"the best point's model is {address}")
        log_report(launch, store, say=say, warn=warn)
    except StoppedError as stopped:
        if stopped.signal is not None:
            raise
        say(str(stopped))
        return str(stopped)
    return ""
