"""Stores for the tests. Their MLflow database is a copy, because making one takes seconds."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.tracking.connection import connect
from tests.tracking.logged_studies import WIDE, launch


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an empty database, to be copied, because making one takes seconds."""
    store = tmp_path_factory.mktemp("empty")
    connect(store)
    return store


@pytest.fixture
def store(empty: Path, tmp_path: Path) -> Iterator[Path]:
    """A store with a database of its own."""
    shutil.copy(empty / "mlflow.db", tmp_path)
    yield tmp_path
    assert not [thread for thread in threading.enumerate() if thread.name == "mlflow"]


@pytest.fixture(scope="session")
def logged(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which one study was run and logged. Tests only read it."""
    store = tmp_path_factory.mktemp("logged")
    shutil.copy(empty / "mlflow.db", store)
    assert launch(store, WIDE) == ""
    return store
