"""Each logged study has an address that opens its points, the one that was run last first."""

import os
import shutil
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.store import JOURNAL, study_folder
from study.tracking.connection import connect
from study.tracking.study_pages import study_pages
from tests.ledger.launches import run
from tests.trial_functions import space

PAGES = "http://127.0.0.1:5000"


@pytest.fixture
def several(logged: Path, tmp_path: Path) -> Path:
    """A store with a logged study, and one that was never logged."""
    store = Path(shutil.copytree(logged, tmp_path / "several"))
    run(store, space(name="unlogged", seeds=(0,)))
    return store


def test_each_logged_study_has_the_address_of_its_points(several: Path) -> None:
    ((name, address),) = study_pages(several, PAGES)
    experiment = connect(several).get_experiment_by_name("played")
    assert experiment is not None
    assert (name, address.partition("?")[0]) == ("played", f"{PAGES}/#/experiments/{experiment.experiment_id}/runs")
    assert "workflowType=machine_learning" in address


def test_the_study_that_was_run_last_comes_first(several: Path) -> None:
    connect(several).create_experiment("unlogged")
    for place, names in enumerate((["played", "unlogged"], ["unlogged", "played"])):
        os.utime(study_folder(several, "played") / JOURNAL, (2e9, 2e9 - place))
        os.utime(study_folder(several, "unlogged") / JOURNAL, (2e9, 2e9 - 1 + place))
        assert [name for name, _ in study_pages(several, PAGES)] == names


def test_a_study_that_an_earlier_version_logged_gets_its_views(several: Path) -> None:
    experiment = connect(several).create_experiment("unlogged")
    study_pages(several, PAGES)
    assert "mlflow.sharedViewState.study-points" in connect(several).get_experiment(experiment).tags


def test_a_deleted_experiment_and_a_study_that_cannot_be_read_hide_no_other(several: Path) -> None:
    client = connect(several)
    client.delete_experiment(client.create_experiment("unlogged"))
    assert [name for name, _ in study_pages(several, PAGES)] == ["played"]
    client.create_experiment("broken")
    study_folder(several, "broken").mkdir()
    (study_folder(several, "broken") / JOURNAL).write_text("no journal\n")
    assert {name for name, _ in study_pages(several, PAGES)} == {"played", "broken"}


def test_a_log_that_cannot_be_read_is_an_error(several: Path) -> None:
    (several / "mlflow.db").write_text("no database at all " * 100)
    with pytest.raises(StoreError, match="MLflow"):
        study_pages(several, PAGES)
