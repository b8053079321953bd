"""The tables of the study that a user names: by its name, by its file, or by an exported table."""

from pathlib import Path

import pandas as pd

from study.inference.exported_file import SUFFIXES, read_export
from study.ledger.ledger import Ledger
from study.ledger.tables import epochs, table
from study.space.search_space import SearchSpace
from study.space.toml_file import read


def read_table(source: str, *, store: Path) -> pd.DataFrame:
    """Returns a row for each cell, with its last trial.

    `source` is a study's name, its search-space file, or an exported .csv or .parquet file.
    """
    if source.endswith(SUFFIXES):
        return read_export(Path(source))
    return table(Ledger.read(store, name_of(source)))


def read_epochs(source: str, *, store: Path) -> pd.DataFrame:
    """Returns a row for each epoch of each cell's last trial. Epochs count from 1. `source` is as in `read_table`."""
    if source.endswith(SUFFIXES):
        return read_export(Path(source))
    return epochs(Ledger.read(store, name_of(source)))


def read_space(source: str, *, store: Path) -> SearchSpace:
    """Returns what a stored study asks. `source` is a study's name or its search-space file."""
    return Ledger.read(store, name_of(source)).space


def name_of(source: str) -> str:
    """Returns a study's name, given the name itself or its search-space file."""
    return read(Path(source)).name if source.endswith(".toml") else source
