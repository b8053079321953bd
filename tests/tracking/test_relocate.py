"""A store that was moved opens its figures and models again."""

import re
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from study.errors import StoreError, StudyError
from study.ledger import store as stores
from study.tracking.connection import connect, tracking_uri
from study.tracking.experiment import log_figure, parent_runs
from study.tracking.relocate import relocate
from tests.conftest import study

if TYPE_CHECKING:
    from mlflow import MlflowClient


@pytest.fixture
def moved(smoke: tuple[Path, str], tmp_path: Path) -> Path:
    """A store that was moved to another folder after it was made."""
    return Path(shutil.copytree(smoke[0], tmp_path / "a place"))


def _experiment(client: "MlflowClient") -> str:
    found = client.get_experiment_by_name("smoke")
    assert found is not None
    return str(found.experiment_id)


def _locations(store: Path) -> str:
    with closing(sqlite3.connect(store / "mlflow.db")) as connection:
        return "\n".join(connection.iterdump())


def test_figures_and_models_open_again(moved: Path, tmp_path: Path) -> None:
    from mlflow.artifacts import download_artifacts

    (figure := tmp_path / "figure.png").write_bytes(b"drawn")
    log_figure(moved, "smoke", figure)  # MLflow now remembers the folder from which the store was copied.
    relocate(moved)
    log_figure(moved, "smoke", figure)
    client = connect(moved)
    (parent,) = parent_runs(client, _experiment(client))
    model = client.create_logged_model(_experiment(client))
    client.log_model_artifact(model.model_id, str(figure))
    client.create_registered_model("best")
    client.create_model_version("best", model.artifact_location)

    now = tmp_path / "deeper" / "another"
    now.parent.mkdir()
    moved.rename(now)
    client = connect(now)
    assert not client.list_artifacts(parent, "figures")
    (changed,) = (changes := relocate(now)).values()
    assert list(changes) == [str(moved)]
    # "At least", because other tests may have run more studies in the store.
    everything = {"experiments": 1, "runs": 9, "models": 1, "sources of registered models": 1, "registered models": 1}
    assert Counter(everything) <= changed
    assert "figures/figure.png" in [file.path for file in client.list_artifacts(parent, "figures")]
    for uri in (client.get_run(parent).info.artifact_uri, client.get_model_version_download_uri("best", "1")):
        there = Path(download_artifacts(uri, tracking_uri=tracking_uri(now)))
        assert next(there.rglob("figure.png")).read_bytes() == b"drawn"
    assert client.get_logged_model(model.model_id).artifact_location.startswith(now.as_uri())
    for old in (str(moved), moved.as_uri()):
        assert f"{old}/" not in _locations(now)


def test_a_second_time_there_is_nothing_to_mend(moved: Path, smoke: tuple[Path, str]) -> None:
    out = study("relocate", "--store", str(moved))
    assert re.fullmatch(rf"{smoke[0]} -> {moved} \(experiments: \d+, runs: \d+.*\)", out.strip())
    before = _locations(moved)
    assert "nothing to mend" in study("relocate", "--store", str(moved))
    assert _locations(moved) == before


def test_a_store_that_is_in_use_stays_as_it_is(moved: Path) -> None:
    before = _locations(moved)
    with stores.owned(stores.study_folder(moved, "smoke")), pytest.raises(StoreError, match="is being run by process"):
        relocate(moved)
    with closing(sqlite3.connect(moved / "mlflow.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"cannot be changed .*stop all programs that use it"):
            relocate(moved)
    assert _locations(moved) == before


def test_it_is_for_a_store_with_a_log_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StoreError, match="nothing was logged yet"):
        relocate(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    with pytest.raises(StudyError, match="MLFLOW_TRACKING_URI is set"):
        relocate(tmp_path)
