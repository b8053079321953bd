"""The connection to MLflow: its address, its client, and the database of a store."""

import logging
import os
import random
import re
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from study.errors import StoreError

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

_SERVER = "MLFLOW_TRACKING_URI"
_ANOTHER_STORE = "give another store with --store or STUDY_STORE"
_PASSWORD = re.compile(r"\w[\w+.-]*://[^/?#@:]*(:(?!\d+[/?#]).+)@")
"""An address with a password, as in `https://name:password@host`. What stands before an `@` may hold any character."""
_SHORT = 5
_TOKEN = re.compile(r"https?://([^/?#@:]+)@")
"""An address in which a token takes the place of name and password."""
_GARBAGE = ("file is not a database", "database disk image is malformed")
"""What SQLite says of a file that is damaged, or none of its own."""
_LONGEST = 504
"""Bytes of the longest path of a file that SQLite opens. It makes further files, with longer names, beside it."""
_NUMBER_AT = 68
"""Where the header of an SQLite file holds the number that its program gave it."""
_DEFAULT = "Default"
"""An experiment that MLflow makes in every database."""
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Without this, MLflow sets up loggers of its own when it is imported.
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    # With these, MLflow gives up on a server that is down after seconds, not minutes. The next start logs the rest.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}


def server() -> str:
    """Returns the address of the user's MLflow server, from MLFLOW_TRACKING_URI; empty if the store keeps the log."""
    return os.environ.get(_SERVER, "")


def database(store: Path) -> Path:
    """Returns the file in which a store keeps MLflow's runs."""
    return store.absolute() / "mlflow.db"


def tracking_uri(store: Path) -> str:
    """Returns the address of MLflow's runs: the server's if there is one, else that of a file in the store."""
    return server() or _address(database(store))


def shown_uri(store: Path) -> str:
    """Returns the address of MLflow's runs as it may be printed and kept: a password in it is left out."""
    return without_password(tracking_uri(store))


def without_password(text: str) -> str:
    """Returns a text without the password of the user's MLflow server."""
    if secret := _PASSWORD.match(server()):
        text = text.replace(f"{secret[1]}@", ":***@")
        # A library may show it alone. A short one might be a part of any word.
        return text.replace(secret[1][1:], "***") if len(secret[1]) > _SHORT else text
    if secret := _TOKEN.match(server()):
        return text.replace(f"//{secret[1]}@", "//***@")
    return text


def _address(path: Path) -> str:
    """Returns SQLAlchemy's address of a database. Raises StoreError if its path is no text, or too long."""
    if (length := len(os.fsencode(path))) > _LONGEST:
        raise StoreError(
            f"{path.parent}: MLflow's database would have a path of {length} bytes there, and SQLite opens none of "
            f"more than {_LONGEST}; {_ANOTHER_STORE}"
        )
    try:
        # The bytes of the path decide. If the locale is not UTF-8, Python's text of them is another one.
        text = os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        raise StoreError(
            f"{path.parent}: the path is not UTF-8, and MLflow cannot open such a path; {_ANOTHER_STORE}"
        ) from None
    if not set(text) & set("%?"):
        return f"sqlite:///{text}"
    # Not at the top: hardly any path needs it.
    from sqlalchemy.engine import URL

    # MLflow makes the folder of an address that begins with sqlite:, and takes its escapes for the name.
    return URL.create("sqlite+pysqlite", database=text).render_as_string(hide_password=False)


def database_number(store: Path) -> int:
    """Returns the number that a store's database got when it was made; 0 if it has none, or if there is no database."""
    try:
        with database(store).open("rb") as file:
            file.seek(_NUMBER_AT)
            return int.from_bytes(file.read(4), "big")
    except OSError:
        return 0


def may_have_log(store: Path) -> bool:
    """Whether the log may hold anything. The answer is immediate, because no server is asked."""
    return bool(server()) or database(store).exists()


def quieten() -> None:
    """Keep MLflow from printing and from waiting for long. Call this before MLflow is imported.

    The environment variables stay set, because MLflow reads some of them at every request, and any client of this
    process may still make one. A variable that the user has set keeps its value.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def connect(store: Path) -> "MlflowClient":
    """Return MLflow's client. Makes the store's database if there is none."""
    quieten()
    # This stays set, because MLflow uses Alembic whenever it opens a database. Nothing else here uses Alembic.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # These print a traceback of each write for which the disk has no room. The tracker says so in one line.
    for name in ("mlflow.store.db.utils", "sqlalchemy.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Not at the top: the launcher must start without waiting two seconds for MLflow.
        from mlflow import MlflowClient
        from mlflow.tracking._tracking_service import utils

        if not server():
            _make(database(store))
            # MLflow remembers the folder of each run. In a copied or moved store, it would write to the old one.
            utils._artifact_repos_cache.clear()
        return MlflowClient(tracking_uri=tracking_uri(store))


def entities() -> Any:
    """Return MLflow's module of the values that its client takes, such as metrics and tags."""
    from mlflow import entities  # Not at the top: see `connect`.

    return entities


def _make(path: Path) -> None:
    """Make an empty database, whole or not at all. MLflow cannot repair one whose making was interrupted."""
    from mlflow import MlflowClient  # Not at the top: see `connect`.

    with filelock.FileLock(path.with_name("mlflow.lock")):
        if not path.exists():
            draft = path.with_name("mlflow.db.tmp")
            draft.unlink(missing_ok=True)
            for ending in ("-wal", "-shm"):  # SQLite would apply a removed database's files to the new one.
                path.with_name(path.name + ending).unlink(missing_ok=True)
            remove_default_experiment(MlflowClient(tracking_uri=_address(draft)))
            with closing(sqlite3.connect(draft)) as opened:
                # Another database has another number, so that a study notices that its log is gone.
                opened.execute(f"PRAGMA application_id = {random.SystemRandom().randrange(1, 2**31)}")
            draft.replace(path)
    # If it cannot be opened, this fails at once; MLflow would try for a hundred seconds.
    with closing(sqlite3.connect(path)) as opened:
        # The file keeps this mode. Logging a trial then takes a third less time, and readers block nobody.
        opened.execute("PRAGMA journal_mode = WAL")


def remove_default_experiment(client: "MlflowClient") -> None:
    """Take MLflow's own experiment out of the list, unless somebody has used it, or it is on a server of the user."""
    experiment = None if server() else client.get_experiment_by_name(_DEFAULT)
    if experiment is None or experiment.lifecycle_stage == "deleted" or experiment.experiment_id != "0":
        return
    if not client.search_runs(["0"], max_results=1) and not client.search_logged_models(["0"], max_results=1):
        client.delete_experiment("0")


@contextmanager
def mlflow_errors(store: Path) -> Iterator[None]:
    """Turn every error into a StoreError that names the address. MLflow raises many kinds of errors when it is down."""
    try:
        yield
    except Exception as error:
        raise StoreError(failure(store, error)) from error


def failure(store: Path, error: Exception) -> str:
    """Returns the message that MLflow failed, with its address and the reason."""
    # SQLAlchemy adds the whole command and an address of its own pages.
    reason = next(iter(str(error).splitlines()), "")
    text = f"MLflow ({tracking_uri(store)}) failed: {type(error).__name__}: {reason}"
    if not server() and any(words in str(error) for words in _GARBAGE):
        text += f"; move {database(store)} away, and the next `study run` of each study logs it again"
    return without_password(text)
