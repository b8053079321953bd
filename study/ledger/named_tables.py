"""The tables of the study that a user names: by its name, by its file, or by an exported table."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from study.inference.exported_file import SUFFIXES, read_export
from study.ledger.ledger import Ledger
from study.ledger.tables import epochs, table
from study.space.toml_file import read


@dataclass(eq=False)
class StudyTables:
    """The tables of a stored study, each of which is read once."""

    ledger: Ledger

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each cell, with its last trial."""
        return table(self.ledger)

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """A row for each epoch of each cell's last trial. Epochs count from 1."""
        return epochs(self.ledger)


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


def name_of(source: str) -> str:
    """Returns a study's name, given the name itself or its search-space file."""
    return read(Path(source)).name if source.endswith(".toml") else source
