"""What a store's MLflow database holds, read in milliseconds, because importing MLflow takes seconds.

Whatever cannot be read is not there: a database that was removed, replaced by an older copy, or is none.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from study.tracking.connection import database

_WAYS = ("mode=ro", "mode=ro&immutable=1")
"""How a database is opened. The second way also works on a disk that takes no writes, where nobody else writes it."""
_RUNS = "SELECT COUNT(*) FROM runs JOIN experiments USING (experiment_id) WHERE experiments.name = ?"
_VERSION = (
    "SELECT COUNT(*) FROM model_versions JOIN model_version_tags USING (name, version) "
    "WHERE name = ? AND version = ? AND current_stage != 'Deleted_Internal' AND key = ? AND value = ?"
)


def count_runs(store: Path, experiment: str) -> int:
    """Returns how many runs of an experiment there are, parent runs and deleted ones included."""
    return _number(store, _RUNS, experiment)


def has_version(store: Path, address: str, tag: tuple[str, str]) -> bool:
    """Whether a registered model has a version with this tag at an address such as `models:/NAME/1`."""
    name, _, version = address.removeprefix("models:/").rpartition("/")
    return version.isdecimal() and _number(store, _VERSION, name, int(version), *tag) > 0


def _number(store: Path, query: str, *values: object) -> int:
    # A # or a ? in the path would end it.
    address = f"file:{quote(bytes(database(store)))}"
    for way in _WAYS:
        try:
            with closing(sqlite3.connect(f"{address}?{way}", uri=True)) as opened:
                return int(opened.execute(query, values).fetchone()[0])
        except sqlite3.Error:
            continue
    return 0
