"""Rows of MLflow's database, counted without MLflow."""

import shutil
from pathlib import Path

import pytest

from study.tracking.connection import connect
from study.tracking.logged_rows import count_runs, has_version
from tests.tracking.logged_studies import launch
from tests.trial_functions import space

TAG = ("study.key", "a")


@pytest.fixture
def odd_store(store: Path) -> Path:
    """A store in a folder whose name would end an address."""
    folder = store / "a#b?c %25"
    folder.mkdir()
    shutil.copy(store / "mlflow.db", folder)
    return folder


def test_runs_and_versions_are_counted_as_mlflow_has_them(odd_store: Path) -> None:
    assert launch(odd_store, space(seeds=(0,))) == ""
    assert count_runs(odd_store, "played") == 1 + 3
    assert count_runs(odd_store, "other") == 0
    assert not has_version(odd_store, "models:/played/1", TAG)
    client = connect(odd_store)
    client.create_registered_model("played")
    client.create_model_version("played", str(odd_store), tags=dict([TAG]))
    assert not has_version(odd_store, "models:/played/1", ("study.key", "b"))
    assert has_version(odd_store, "models:/played/1", TAG)
    for address in ("models:/played/2", "models:/other/1", "models:/played@best", "", "models:/played/"):
        assert not has_version(odd_store, address, TAG)
    client.delete_model_version("played", "1")
    assert not has_version(odd_store, "models:/played/1", TAG)


@pytest.mark.parametrize("content", [None, b"", b"no database at all " * 100])
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "mlflow.db").write_bytes(content)
    before = sorted(tmp_path.iterdir())
    assert count_runs(tmp_path, "played") == 0
    assert not has_version(tmp_path, "models:/played/1", TAG)
    assert sorted(tmp_path.iterdir()) == before
