"""The results of a study that MLflow lacks: they are logged again at the next run."""

from pathlib import Path

from study.ledger.ledger import Ledger
from study.tracking.connection import connect, may_have_log, mlflow_errors
from study.tracking.experiment import TRIAL_TAG, children_of, parent_runs, search_runs
from study.tracking.logged_trials import LoggedTrials
from study.tracking.trial_run import RUN_STATUS


def lacking_runs(ledger: Ledger, store: Path) -> list[int]:
    """Returns the numbers of the trials that are noted as logged and have no whole run. Raises StoreError."""
    noted = LoggedTrials(ledger, store).trials
    return sorted(noted - _logged(ledger, store)) if noted else []


def _logged(ledger: Ledger, store: Path) -> set[int]:
    if not may_have_log(store):
        return set()
    with mlflow_errors(store):
        client = connect(store)
        experiment = client.get_experiment_by_name(ledger.space.name)
        if experiment is None:
            return set()
        parents = parent_runs(client, experiment.experiment_id, ledger.id)
        return {
            int(trial)
            for parent in parents
            for run in search_runs(client, experiment.experiment_id, children_of(parent))
            if run.info.status in RUN_STATUS.values() and (trial := run.data.tags.get(TRIAL_TAG, "")).isdecimal()
        }
