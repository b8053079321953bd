"""Runs and logs studies of the toy task, and reads their runs from MLflow."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.running.loop import NoTracker, run
from study.space.search_space import SearchSpace
from study.tracking.connection import connect
from study.tracking.tracker import MlflowTracker
from tests.conftest import ROOT
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Inline, Outcome, space, succeed

if TYPE_CHECKING:
    from mlflow.entities import Run


WIDE = space(DEPTH, POOLING, description="How deep?")


def launch(store: Path, space: SearchSpace, outcome: Outcome = succeed, *, tracker: bool = True) -> str:
    """Run a study as the command does. Returns the log's last error, empty if there was none."""
    with Ledger.own(store, space) as ledger:
        log = MlflowTracker(ledger, store) if tracker else None
        run(ledger, Inline(outcome), log or NoTracker(), log or NoTracker())
        if log is None:
            return ""
        log.close()
        return log.problem


def runs(store: Path, name: str = "played") -> tuple["Run", list["Run"]]:
    """Return the parent run of a study and its children, the first trial first."""
    client = connect(store)
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    everything = client.search_runs([experiment.experiment_id], max_results=1000)
    children = [run for run in everything if "mlflow.parentRunId" in run.data.tags]
    (parent,) = (run for run in everything if "mlflow.parentRunId" not in run.data.tags)
    assert {run.data.tags["mlflow.parentRunId"] for run in children} <= {parent.info.run_id}
    assert "RUNNING" not in {run.info.status for run in everything}
    return parent, sorted(children, key=lambda run: int(run.data.tags["study.trial"]))


def histories(store: Path, run: "Run", metric: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in connect(store).get_metric_history(run.info.run_id, metric)]


def forget(store: Path, *, keep: int) -> None:
    """Cut the list of logged trials as a kill would: it keeps `keep` whole lines and a part of the next."""
    (path,) = study_folder(store, "played").glob("logged-*")
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:keep]) + lines[keep][:-1])


SCRIPT = """
import signal, time
from pathlib import Path
from study.ledger.ledger import Ledger
from study.running.loop import run
from study.tracking.study_log import StudyLog
from study.tracking.tracker import MlflowTracker
from tests.trial_functions import Inline, space, succeed

# A process that a shell started in the background may ignore Ctrl-C. This one must not.
signal.signal(signal.SIGINT, signal.default_int_handler)
{before}
store = Path({store!r})
with Ledger.own(store, {space}) as ledger:
    log = MlflowTracker(ledger, store)
    run(ledger, Inline(), log, log)
    {after}
"""

CLOSE = "log.close(); print(log.problem)"


def command(store: Path, space: str, *, before: str = "", after: str = CLOSE) -> subprocess.Popen[str]:
    """Start a launcher in a process of its own."""
    code = SCRIPT.format(store=str(store), space=space, before=before, after=after)
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
