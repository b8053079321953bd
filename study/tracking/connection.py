"""The connection to MLflow: its address, its client, and the database of a store."""

import logging
import os
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import filelock

from study.errors import StoreError

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

_SERVER = "MLFLOW_TRACKING_URI"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # MLflow sets its own loggers up when it is imported, unless this is set.
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    # If a server is down, MLflow asks again for seconds, not for minutes: the next start logs what is missing.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def server() -> str:
    """The address of the user's own MLflow server, from MLFLOW_TRACKING_URI; empty if the store keeps the log."""
    return os.environ.get(_SERVER, "")


def database(store: Path) -> Path:
    """The file in which a store keeps MLflow's runs."""
    return store.absolute() / "mlflow.db"


def tracking_uri(store: Path) -> str:
    """Where MLflow keeps the runs: on the server if there is one, else in a file of the store."""
    return server() or f"sqlite:///{database(store)}"


def may_have_log(store: Path) -> bool:
    """Whether anything can have been logged. It costs nothing: a server is not asked."""
    return bool(server()) or database(store).exists()


def quieten() -> None:
    """Keep MLflow from printing and from waiting for long. Must come before MLflow is imported.

    These variables are not taken back. MLflow reads some of them at every request, and any client of this process may
    still make one. What the user has set stays.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def connect(store: Path) -> "MlflowClient":
    """Return MLflow's client. Makes the store's database if there is none."""
    quieten()
    # Not taken back: MLflow uses Alembic whenever it opens a database, and nothing else here uses it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Not at the top: the launcher must start without waiting two seconds for MLflow.
        from mlflow import MlflowClient

        if not server():
            _make(database(store))
        return MlflowClient(tracking_uri=tracking_uri(store))


def _make(path: Path) -> None:
    """Make an empty database, whole or not at all: one that is interrupted while it is made stays broken for good."""
    from mlflow import MlflowClient  # Not at the top: see `connect`.

    with filelock.FileLock(path.with_name("mlflow.lock")):
        if not path.exists():
            draft = path.with_name("mlflow.db.tmp")
            draft.unlink(missing_ok=True)
            for ending in ("-wal", "-shm"):  # SQLite would take those of a removed database for the new one's.
                path.with_name(path.name + ending).unlink(missing_ok=True)
            MlflowClient(tracking_uri=f"sqlite:///{draft}").search_experiments(max_results=1)
            draft.replace(path)
    # If it cannot be opened, this fails at once; MLflow would try for a hundred seconds.
    with closing(sqlite3.connect(path)) as opened:
        # Stays in the file: a trial is logged in two thirds of the time, and readers hold nobody up.
        opened.execute("PRAGMA journal_mode = WAL")


@contextmanager
def mlflow_errors(store: Path) -> Iterator[None]:
    """Turn every error into a StoreError that names the address: MLflow raises many kinds when it is down."""
    try:
        yield
    except Exception as error:
        raise StoreError(failure(store, error)) from error


def failure(store: Path, error: Exception) -> str:
    """The message that MLflow failed, with its address and the reason."""
    return f"MLflow ({tracking_uri(store)}) failed: {type(error).__name__}: {error}"
