"""The child runs of a study in MLflow: one for every trial, complete, or with the epochs that it has had so far."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mlflow import MlflowClient
from mlflow.entities import RunTag

from study.ledger.cell import Trial
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult
from study.tracking import trial_run
from study.tracking.connection import server
from study.tracking.experiment import TRIAL_TAG, children_of, search_runs
from study.tracking.live_epochs import RunningTrial
from study.tracking.metric_names import MetricNames
from study.tracking.mlflow_names import milliseconds

DETAILS = "trial.json"
"""The artifact of a run with what nobody searches for."""
_OVER = frozenset(trial_run.RUN_STATUS.values())
"""The statuses of a whole run."""


@dataclass(frozen=True)
class OpenRun:
    """A run of a trial that has not ended."""

    id: str
    begin: int
    """In milliseconds."""
    artifacts: str
    """The address of its files."""
    logged: set[int] = field(default_factory=set)
    """The epochs that are logged."""


class ChildRuns:
    """The runs of a study's trials. Raises whatever MLflow raises."""

    def __init__(
        self, client: MlflowClient, space: SearchSpace, *, experiment: str, parent: str, origin: Mapping[str, str]
    ) -> None:
        self._client = client
        self._space = space
        self._names = MetricNames.of(space)
        self._experiment = experiment
        self._parent = parent
        self._origin = origin
        self._open: dict[int, OpenRun] = {}
        self._takes_files = True
        self.remove_half_logged()
        self._logged = {run.data.tags[TRIAL_TAG] for run in self._of_trials()}

    def remove_half_logged(self) -> None:
        """Delete the runs that a killed launcher or server left half logged."""
        # MLflow is asked for these alone, because it takes half a second to list a thousand runs.
        for run in self._of_trials(*(f"attributes.status != '{status}'" for status in _OVER)):
            self._client.delete_run(run.info.run_id)

    def _of_trials(self, *conditions: str) -> list[Any]:
        """Returns the runs of this study's trials that meet all conditions."""
        all_of = " AND ".join([children_of(self._parent), f"tags.`{TRIAL_TAG}` != ''", *conditions])
        return search_runs(self._client, self._experiment, all_of)

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a whole trial, unless it is logged already."""
        if str(trial.number) not in self._logged:
            self._complete(trial, result)
            self._logged.add(str(trial.number))

    def show(self, running: RunningTrial) -> None:
        """Log epochs of a trial that runs."""
        metrics = trial_run.curve_metrics(running.epochs, self._names)
        if run := self._open.get(running.trial.number):
            self._client.log_batch(run.id, metrics=metrics)
        else:
            run = self._begin(running.trial, running.begin)
            self._client.log_batch(run.id, metrics=metrics, params=trial_run.params(running.trial, self._space))
        run.logged.update(one.epoch for one in running.epochs)

    def _begin(self, trial: Trial, begin: int, tags: Mapping[str, str] | None = None) -> OpenRun:
        """Create the run of a trial. Until it is terminated it counts as half logged."""
        known = {**self._origin, "mlflow.parentRunId": self._parent, **trial_run.first_tags(trial), **(tags or {})}
        name = trial_run.run_name(trial)
        created = self._client.create_run(self._experiment, start_time=begin, tags=known, run_name=name)
        run = self._open[trial.number] = OpenRun(created.info.run_id, begin, str(created.info.artifact_uri))
        return run

    def _complete(self, trial: Trial, result: TrialResult) -> None:
        tags, begin = trial_run.last_tags(result), milliseconds(time.time() - result.seconds)
        if run := self._open.get(trial.number):
            first: dict[str, Any] = {"tags": _run_tags(tags)}
        else:
            run = self._begin(trial, begin, tags)
            first = {"params": trial_run.params(trial, self._space)}
        rest = (one for one in trial_run.epochs_of(result, run.begin) if one.epoch not in run.logged)
        end = run.begin + int(result.seconds * 1000)
        single = trial_run.single_metrics(result, self._names, end)
        self._client.log_batch(run.id, metrics=[*trial_run.curve_metrics(rest, self._names), *single], **first)
        if dataset := trial_run.dataset(result.data):
            self._client.log_inputs(run.id, dataset)
        self._log_details(run, trial, result)
        # The last step: a run without a final status counts as half logged.
        self._client.set_terminated(run.id, trial_run.RUN_STATUS[result.state])
        self._open.pop(trial.number, None)

    def _log_details(self, run: OpenRun, trial: Trial, result: TrialResult) -> None:
        """Keep the details as a file, or as tags if the server takes no files from this machine."""
        details = trial_run.details(trial, result)
        if self._takes_files:
            try:
                self._write(run, details)
                return
            except Exception:  # Every kind of file store has errors of its own.
                self._takes_files = False
        self._client.log_batch(run.id, tags=_run_tags(trial_run.detail_tags(details)))

    def _write(self, run: OpenRun, details: Mapping[str, Any]) -> None:
        address = urlsplit(run.artifacts)
        if server() or address.scheme != "file":
            self._client.log_dict(run.id, dict(details), DETAILS)
            return
        # MLflow would ask the database where the file belongs, which costs as much as to log a curve.
        (folder := Path(unquote(address.path))).mkdir(parents=True, exist_ok=True)
        (folder / DETAILS).write_text(json.dumps(details, indent=2), encoding="utf-8")


def _run_tags(tags: Mapping[str, str]) -> list[Any]:
    return [RunTag(name, text) for name, text in tags.items()]
