"""A study in MLflow: an experiment with two saved views, a parent run, and a child run for every trial."""

import getpass
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.trial import TrialResult
from study.tracking.child_runs import ChildRuns
from study.tracking.connection import connect, remove_default_experiment
from study.tracking.experiment import PARENT_TAG, experiment_id, parent_runs
from study.tracking.live_epochs import RunningTrial
from study.tracking.parent_run import ParentRun
from study.tracking.study_file import StudyFile


class StudyLog:
    """Logs a study. Raises whatever MLflow raises."""

    def __init__(self, store: Path, ledger: Ledger, *, file: StudyFile | None = None) -> None:
        self._client = connect(store)
        self._origin = _origin()
        self._name = ledger.space.name
        self._experiment = experiment_id(self._client, store, ledger.space)
        run = self._parent_run(ledger.id)
        self._parent = ParentRun(self._client, self._experiment, run, ledger.space, store)
        self._children = ChildRuns(
            self._client, ledger.space, experiment=self._experiment, parent=run, origin=self._origin
        )
        with suppress(Exception):  # Nothing depends on it, and a run's trials are logged also without it.
            remove_default_experiment(self._client)
            self._parent.keep_definition(file)

    def _parent_run(self, study: str) -> str:
        """Return the id of the study's parent run. Creates the run if there is none."""
        if not parent_runs(self._client, self._experiment, study):
            tags = {**self._origin, PARENT_TAG: study}
            self._client.create_run(self._experiment, run_name=self._name, tags=tags)
        # If a server dies before it answers, the client asks again. Then there may be two parent runs.
        parent, *others = parent_runs(self._client, self._experiment, study)
        for other in others:
            self._client.delete_run(other)
        return parent

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a whole trial, unless it is logged already."""
        self._children.log(trial, result)

    def show(self, running: RunningTrial) -> None:
        """Log epochs of a trial that runs."""
        self._children.show(running)

    def refresh(self) -> None:
        """Show what the store holds now: views, description, numbers of every point."""
        self._parent.refresh()

    def end(self, counts: Mapping[str, int]) -> None:
        """Log the number of cells in each state, and end the parent run."""
        self._children.remove_half_logged()
        self._parent.end(counts)


def _origin() -> dict[str, str]:
    """Return the tags that name the command, the user and the commit. MLflow's client does not add them itself."""
    tags = {"mlflow.source.name": "study run", "mlflow.source.type": "LOCAL"}
    with suppress(OSError, KeyError):  # A container may have no name for its user.
        tags["mlflow.user"] = getpass.getuser()
    with suppress(OSError, subprocess.SubprocessError):
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=5)
        tags["mlflow.source.git.commit"] = commit.stdout.strip()
    return tags
