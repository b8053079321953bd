"""The list of logged trials: one for each address of MLflow, and none without a database."""

import shutil
from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.tracking.connection import connect
from study.tracking.logged_trials import LoggedTrials
from tests.toy_task import POOLING
from tests.tracking.logged_studies import launch, runs
from tests.trial_functions import space


def test_a_new_place_to_log_in_gets_everything(store: Path, empty: Path, tmp_path: Path) -> None:
    launch(store, space(seeds=(0,)))
    other = f"sqlite:///{tmp_path / 'other.db'}"
    shutil.copy(empty / "mlflow.db", tmp_path / "other.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", other)
        assert launch(store, space(seeds=(0,))) == ""
        assert len(runs(store)[1]) == 3
    assert len(runs(store)[1]) == 3


def test_a_database_that_was_removed_gets_everything_again(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    ledger = Ledger.read(store, "played")
    assert LoggedTrials(ledger, store).trials == {0, 1, 2}
    (store / "mlflow.db").unlink()
    assert LoggedTrials(ledger, store).trials == set()


def test_a_database_that_another_study_has_replaced_gets_everything_again(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    for path in store.glob("mlflow.db*"):
        path.unlink()
    connect(store)  # As another study does, which runs first.
    ledger = Ledger.read(store, "played")
    assert LoggedTrials(ledger, store).trials == set()
    assert launch(store, space(seeds=(0,))) == ""
    assert len(runs(store)[1]) == 3
    assert LoggedTrials(ledger, store).trials == {0, 1, 2}


def test_an_older_copy_of_the_database_is_noticed_by_a_study_that_has_nothing_to_run(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    older = (store / "mlflow.db").read_bytes()
    launch(store, wider := space(POOLING, seeds=(0, 1), name="later"))
    for path in store.glob("mlflow.db*"):
        path.unlink()
    (store / "mlflow.db").write_bytes(older)
    assert launch(store, wider) == ""
    assert len(runs(store, "later")[1]) == 6
    assert launch(store, space(seeds=(0,))) == ""
    assert len(runs(store)[1]) == 3
