"""A study's experiment in MLflow and the runs in it. The experiment is made if there is none."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.ledger.ledger import Ledger
from study.space.search_space import SearchSpace
from study.tracking.connection import connect, may_have_log, mlflow_errors, server

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

PARENT_TAG = "study.parent"
"""The tag of a parent run that holds the id of its study."""
TRIAL_TAG = "study.trial"
"""The tag of a child run that holds the number of its trial."""


def experiment_id(client: "MlflowClient", store: Path, space: SearchSpace) -> str:
    """Return the id of a study's experiment. Makes the experiment if there is none, and restores a deleted one."""
    if experiment := client.get_experiment_by_name(space.name):
        if experiment.lifecycle_stage == "deleted":
            client.restore_experiment(experiment.experiment_id)
        return str(experiment.experiment_id)
    # A server decides by itself where artifacts are kept.
    location = None if server() else (artifacts(store) / space.name).as_uri()
    tags = {"mlflow.experimentKind": "custom_model_development", "mlflow.note.content": space.description}
    return str(client.create_experiment(space.name, artifact_location=location, tags=tags))


def artifacts(store: Path) -> Path:
    """Return the folder in which a store keeps MLflow's artifacts."""
    return store.absolute() / "artifacts"


def search_runs(client: "MlflowClient", experiment: str, condition: str) -> list[Any]:
    """Return all runs of an experiment that meet a condition. Reads every page of MLflow's answer."""
    runs: list[Any] = []
    token = None
    while True:
        page = client.search_runs([experiment], filter_string=condition, max_results=1000, page_token=token)
        runs += page
        if not (token := page.token):
            return runs


def parent_runs(client: "MlflowClient", experiment: str, study: str = "%") -> list[str]:
    """Return the ids of the parent runs of a study, the latest first; by default of all studies in the experiment."""
    return [str(run.info.run_id) for run in search_runs(client, experiment, f"tags.`{PARENT_TAG}` LIKE '{study}'")]


def children_of(parent: str) -> str:
    """Return the condition that finds the children of a parent run."""
    return f"tags.`mlflow.parentRunId` = '{parent}'"


def run_of_trial(client: "MlflowClient", ledger: Ledger, trial: int | None, store: Path) -> tuple[str, str | None]:
    """Return the ids of a study's experiment and of a trial's run. The run is None if the trial is not logged."""
    experiment = experiment_id(client, store, ledger.space)
    for parent in parent_runs(client, experiment, ledger.id):
        condition = f"{children_of(parent)} AND tags.`{TRIAL_TAG}` = '{trial}'"
        for run in search_runs(client, experiment, condition):
            return experiment, run.info.run_id
    return experiment, None


def log_figure(store: Path, study: str, path: Path) -> None:
    """Keep a figure with the study's parent run, if there is one. Raises StoreError if MLflow fails."""
    log_files(store, study, {path: "figures"})


def log_files(store: Path, study: str, files: Mapping[Path, str]) -> None:
    """Keep files with the study's parent run, if there is one, each in a folder of the run; an empty one is its top.

    Raises StoreError if MLflow fails.
    """
    if not may_have_log(store):
        return
    with mlflow_errors(store):
        client = connect(store)
        experiment = client.get_experiment_by_name(study)
        if experiment and (parents := parent_runs(client, experiment.experiment_id)):
            for path, folder in files.items():
                client.log_artifact(parents[0], str(path), folder or None)
