"""Corrects the paths in a store's MLflow database after the store was moved, because MLflow itself cannot do it.

MLflow's tables hold absolute paths. `logged_rows` is the only other file that names any of these tables.
"""

import sqlite3
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from study.errors import StoreError, StudyError
from study.ledger import store as stores
from study.tracking.connection import database, server, without_password

_COLUMNS = {
    "experiments": ("experiments", "artifact_location"),
    "runs": ("runs", "artifact_uri"),
    "models": ("logged_models", "artifact_location"),
    "sources of registered models": ("model_versions", "source"),
    "registered models": ("model_versions", "storage_location"),
}
"""The table and the column of each kind of path to artifacts; the key is its name in a message."""
_ARTIFACTS = "/artifacts/"


def relocate(store: Path) -> dict[str, Counter[str]]:
    """Change every path to a former folder of the store so that it leads to the present one. Changes all or none.

    Returns, by former folder, how many paths of each kind were changed. Raises StudyError if MLflow has a server of its
    own, if nothing was logged, or if another process writes.
    """
    if url := without_password(server()):
        raise StudyError(f"MLFLOW_TRACKING_URI is set: {url} keeps its own artifacts, and only a store can be moved")
    path = database(store)
    if not path.is_file():
        raise StoreError(f"{store}: nothing was logged yet; `study run FILE` logs its trials")
    with ExitStack() as locks:
        for name in stores.names(store):
            locks.enter_context(stores.owned(stores.study_folder(store, name)))
        try:
            changed = _change_all(path, store)
        except sqlite3.Error as error:
            raise StoreError(
                f"{path}: cannot be changed ({error}); stop all programs that use it, `study ui` too"
            ) from None
    return {_path(old): counts for old, counts in changed.items()}


def _change_all(path: Path, store: Path) -> dict[str, Counter[str]]:
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        new = store.absolute().as_uri()
        changed = {old: _change(connection, old, new) for old in _former_uris(connection, store)}
        connection.execute("COMMIT")
        return changed


def _former_uris(connection: sqlite3.Connection, store: Path) -> list[str]:
    """Returns the former URIs of the store, which are in the experiments of its studies."""
    endings = tuple(f"{_ARTIFACTS}{name}" for name in stores.names(store))
    locations = [uri or "" for (uri,) in connection.execute("SELECT artifact_location FROM experiments")]
    stored = {uri.rpartition(_ARTIFACTS)[0] for uri in locations if uri.endswith(endings)}
    return sorted(uri for uri in stored - {store.absolute().as_uri()} if uri.startswith("file:"))


def _change(connection: sqlite3.Connection, old: str, new: str) -> Counter[str]:
    counts = Counter[str]()
    for kind, (table, column) in _COLUMNS.items():
        for before, after in ((old, new), (_path(old), _path(new))):  # MLflow writes some of them as plain paths.
            start = before + _ARTIFACTS
            change = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
            values = (after + _ARTIFACTS, len(start) + 1, len(start), start)
            counts[kind] += connection.execute(change, values).rowcount
    return +counts


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)
