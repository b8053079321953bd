"""Mends the paths in a store's MLflow database after the store was moved: MLflow itself has no way to change one.

They stand whole in its tables, whose names this file knows.
"""

import os
import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from study.errors import StoreError, StudyError
from study.ledger import store as stores

_COLUMNS = {
    "experiments": ("experiments", "artifact_location"),
    "runs": ("runs", "artifact_uri"),
    "models": ("logged_models", "artifact_location"),
    "sources of registered models": ("model_versions", "source"),
    "registered models": ("model_versions", "storage_location"),
}
"""Where a path to artifacts may stand, by what it is called in a message."""
_ARTIFACTS = "/artifacts/"


def relocate(store: Path) -> dict[str, Counter[str]]:
    """Let every path that leads to where the store was lead to where it is; how many of what, by the former place.

    All of it happens or nothing. Raises StudyError where MLflow has a server of its own, where nothing was logged, or
    where someone else writes.
    """
    if server := os.environ.get("MLFLOW_TRACKING_URI"):
        raise StudyError(f"MLFLOW_TRACKING_URI is set: {server} keeps its own artifacts, and only a store can be moved")
    database = store.absolute() / "mlflow.db"
    if not database.is_file():
        raise StoreError(f"{store}: nothing was logged yet; `study run FILE` does")
    with ExitStack() as owned:
        for name in stores.names(store):
            owned.enter_context(stores.owned(stores.study_folder(store, name)))
        try:
            with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as connection:
                connection.execute("BEGIN EXCLUSIVE")
                moved = {old: _mend(connection, old, store.absolute().as_uri()) for old in _former(connection, store)}
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"{database}: cannot be mended ({error}); end whatever uses it, `study ui` too") from None
    return {_path(old): numbers for old, numbers in moved.items()}


def _former(connection: sqlite3.Connection, store: Path) -> list[str]:
    """The URIs that the store had before, as the experiments of its studies remember them."""
    places = tuple(f"{_ARTIFACTS}{name}" for name in stores.names(store))
    locations = [uri or "" for (uri,) in connection.execute("SELECT artifact_location FROM experiments")]
    roots = {uri.rpartition(_ARTIFACTS)[0] for uri in locations if uri.endswith(places)}
    return sorted(root for root in roots - {store.absolute().as_uri()} if root.startswith("file:"))


def _mend(connection: sqlite3.Connection, old: str, new: str) -> Counter[str]:
    numbers = Counter[str]()
    for what, (table, column) in _COLUMNS.items():
        for before, now in ((old, new), (_path(old), _path(new))):  # MLflow writes some of them as plain paths.
            begin = before + _ARTIFACTS
            change = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
            values = (now + _ARTIFACTS, len(begin) + 1, len(begin), begin)
            numbers[what] += connection.execute(change, values).rowcount
    return +numbers


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)
