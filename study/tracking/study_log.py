"""A study in MLflow: a parent run, and a child run for every trial."""

import getpass
import json
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.printable import printable_cell
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult
from study.task import describe, describe_count
from study.tracking import trial_run
from study.tracking.connection import connect
from study.tracking.experiment import PARENT_TAG, TRIAL_TAG, children_of, experiment_id, parent_runs, search_runs


class StudyLog:
    """Logs a study. Raises whatever MLflow raises."""

    def __init__(self, store: Path, ledger: Ledger) -> None:
        self._client = connect(store)
        self._space = space = ledger.space
        self._origin = _origin()
        self._experiment = experiment_id(self._client, store, space)
        self._parent = self._parent_run(ledger.id)
        # The study may have more levels or seeds now than at its first start.
        for name, text in {"study.definition": json.dumps(space.to_json()), "mlflow.note.content": note(space)}.items():
            self._client.set_tag(self._parent, name, text)
        self._logged = self._logged_trials()

    def _parent_run(self, study: str) -> str:
        """Return the id of the study's parent run. Creates the run if there is none."""
        if not parent_runs(self._client, self._experiment, study):
            tags = {**self._origin, PARENT_TAG: study}
            self._client.create_run(self._experiment, run_name=self._space.name, tags=tags)
        # If a server dies before it answers, the client asks again. Then there may be two parent runs.
        parent, *others = parent_runs(self._client, self._experiment, study)
        for other in others:
            self._client.delete_run(other)
        return parent

    def _logged_trials(self) -> set[str]:
        """Delete the runs that a killed launcher or server left half logged. Returns the trials of all other runs."""
        logged = set[str]()
        for run in search_runs(self._client, self._experiment, children_of(self._parent)):
            if trial := run.data.tags.get(TRIAL_TAG):
                if run.info.status in trial_run.RUN_STATUS.values():
                    logged.add(trial)
                else:
                    self._client.delete_run(run.info.run_id)
        return logged

    def log(self, trial: Trial, result: TrialResult) -> None:
        """Log a whole trial, unless it is logged already."""
        if str(trial.number) not in self._logged:
            self._create_run(trial, result)
            self._logged.add(str(trial.number))

    def _create_run(self, trial: Trial, result: TrialResult) -> None:
        begin = int((time.time() - result.seconds) * 1000)
        tags = {**self._origin, "mlflow.parentRunId": self._parent, **trial_run.tags(trial, result)}
        created = self._client.create_run(self._experiment, start_time=begin, tags=tags, run_name=trial.point)
        run, metrics = created.info.run_id, trial_run.metrics(result, self._space, begin)
        self._client.log_batch(run, metrics=metrics, params=trial_run.params(trial, self._space))
        if dataset := trial_run.dataset(result.data):
            self._client.log_inputs(run, dataset)
        # The last step: a run without a final status counts as half logged.
        self._client.set_terminated(run, trial_run.RUN_STATUS[result.state])

    def end(self, counts: Mapping[str, int]) -> None:
        """Log the number of cells in each state, and end the parent run."""
        self._logged_trials()
        for state, number in counts.items():
            self._client.log_metric(self._parent, f"cells_{state}", number)
        over = not counts.get("missing") and not counts.get("running")
        self._client.set_terminated(self._parent, "FINISHED" if over else "KILLED")


def note(space: SearchSpace) -> str:
    """Return the description of a study's parent run, as Markdown: its task, objectives, budget and factors."""
    fidelity, baseline = space.fidelity, space.config({}, seed=0).levels()
    texts = [(f.name, describe(baseline[f.name]), _levels(f.levels)) for f in space.factors]
    rows = [f"| {' | '.join(map(printable_cell, row))} |" for row in texts]
    return "\n".join(
        [
            space.description or f"The study {space.name}.",
            "",
            f"{space.design.kind} of task {space.task} (version {space.task_version}); "
            f"{' and '.join(map(str, space.objectives))}; {len(space.seeds)} seed(s); "
            f"{fidelity.epochs} epochs on {describe_count(fidelity.train_examples)} examples, "
            f"validated on {describe_count(fidelity.validation_examples)}.",
            "",
            "| factor | baseline | levels |",
            "|---|---|---|",
            *rows,
        ]
    )


def _levels(levels: Any) -> str:
    return ", ".join(map(describe, levels)) if isinstance(levels, tuple) else f"{levels.low} to {levels.high}"


def _origin() -> dict[str, str]:
    """Return the tags that name the command, the user and the commit. MLflow's client does not add them itself."""
    tags = {"mlflow.source.name": "study run", "mlflow.source.type": "LOCAL"}
    with suppress(OSError, KeyError):  # A container may have no name for its user.
        tags["mlflow.user"] = getpass.getuser()
    with suppress(OSError, subprocess.SubprocessError):
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=5)
        tags["mlflow.source.git.commit"] = commit.stdout.strip()
    return tags
