"""Where a figure's numbers come from: a study in a store or an exported file, read and checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from study.errors import InferenceError, StudyError
from study.inference import cell_table
from study.inference.changes import changes
from study.inference.columns import EPOCHS, IDENTITY, TABLE, Column, level_column, needed, of_kind
from study.inference.exported_file import SUFFIXES, read_export
from study.inference.other_metric import with_metric
from study.ledger import named_tables
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from study.space.factor import Range
from study.space.search_space import SearchSpace


class FigureError(StudyError):
    """A figure cannot be drawn from what was given."""


class UnwritableError(FigureError):
    """A figure is drawn, but its file cannot be written."""


class Tables(Protocol):
    """A study's tables, as `Study` has them."""

    @property
    def table(self) -> pd.DataFrame: ...
    @property
    def epochs(self) -> pd.DataFrame: ...
    @property
    def ledger(self) -> Ledger: ...


@dataclass(frozen=True)
class Source:
    """Where a figure's numbers come from: a study in a store, by its name or its file, or an export of a study."""

    name: str
    store: Path
    metric: str | None = None
    """What is drawn in place of the objective."""
    tables: Tables | None = None
    """The study's tables, if they have been read already."""

    @property
    def exported(self) -> bool:
        """Whether the source is a file that `study export` wrote. Such a file belongs to no store."""
        return Path(self.name).suffix in SUFFIXES

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each cell of one study. At least one cell is complete."""
        frame = read_export(Path(self.name)) if self.exported else self._read.table
        table = self._with_metric(self._checked(frame, TABLE, "a figure needs `study export NAME`"))
        if cell_table.complete(table).empty:
            states = cell_table.counts_text(cell_table.left_out(table))
            raise FigureError(f"{self.name}: no complete cell to draw ({states}); `study run` runs what is missing")
        changed = {factor for change in changes(table).values() for factor in change}
        if lacking := [name for name in map(level_column, sorted(changed)) if name not in table]:
            raise FigureError(f"{self.name}: no column {', '.join(lacking)}, although points change these factors")
        return table

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """A row for each epoch that a cell reported."""
        epochs = read_export(Path(self.name)) if self.exported else self._read.epochs
        return self._checked(epochs, EPOCHS, "curves need `study export NAME --epochs`")

    @cached_property
    def ledger(self) -> Ledger:
        """The study in its store. Raises FigureError if the source is an exported table."""
        if self.exported:
            raise FigureError(f"{self.name}: a table holds no model; give the name of a study")
        return self.tables.ledger if self.tables else Ledger.read(self.store, named_tables.name_of(self.name))

    def is_logarithmic(self, factor: str) -> bool | None:
        """Whether the study draws the factor on a logarithmic scale. None if nobody declared that."""
        declared = [each.levels for each in self.space.factors if each.name == factor] if self.space else []
        return declared[0].log if declared and isinstance(declared[0], Range) else None

    @cached_property
    def space(self) -> SearchSpace | None:
        """What the study asks. None for an export, which does not hold it."""
        return None if self.exported else self.ledger.space

    @cached_property
    def _read(self) -> Tables:
        return self.tables or named_tables.StudyTables(self.ledger)

    def folder(self, study: str) -> Path:
        """Returns the folder in which the study's figures are saved, unless the user names another place."""
        return Path(self.name).parent if self.exported else study_folder(self.store, study) / "figures"

    def _with_metric(self, table: pd.DataFrame) -> pd.DataFrame:
        try:
            return with_metric(table, self.metric) if self.metric else table
        except InferenceError as error:
            raise FigureError(f"{self.name}: {error}") from None

    def _checked(self, frame: pd.DataFrame, schema: Iterable[Column], way: str) -> pd.DataFrame:
        """Returns the frame with typed columns, or raises FigureError. `way` tells the user how to get the columns."""
        if lacking := [name for name in needed(schema, "effects", "figures") if name not in frame]:
            raise FigureError(f"{self.name}: no column {', '.join(lacking)}; {way}")
        if frame.empty:
            raise FigureError(f"{self.name}: nothing was recorded yet; `study run` runs what is missing")
        if (count := frame["study"].nunique()) != 1:
            raise FigureError(f"{self.name}: holds {count} studies, but a figure shows one; export each on its own")
        frame = self._typed(frame)
        if holes := [column for column in (*IDENTITY, "epoch") if column in frame and frame[column].isna().any()]:
            raise FigureError(f"{self.name}: {', '.join(holes)} must have a value in every row")
        return frame

    def _typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Returns the frame with texts and finite numbers where they belong, because a file may hold anything."""
        texts = {
            name: frame[name].astype(str).where(frame[name].notna() & (frame[name] != ""))
            for name in IDENTITY
            if name != "seed"
        }
        numbers = of_kind(map(str, frame), "number")
        try:
            values = {column: pd.to_numeric(frame[column]).replace([np.inf, -np.inf], np.nan) for column in numbers}
        except (TypeError, ValueError) as error:
            raise FigureError(f"{self.name}: {', '.join(numbers)} must be numbers: {error}") from None
        return frame.assign(**texts, **values)
