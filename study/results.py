"""Studies as a user reads them in Python: their tables, and a study as a notebook shows it."""

import html
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from study.errors import StoreError
from study.inference import cell_table
from study.inference.effects import Summary, summary
from study.inference.exported_file import SUFFIXES, read_export
from study.inference.findings import conditions
from study.inference.selection import best_point
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.ledger.store import default_store
from study.ledger.tables import epochs, table
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.terminal import Digits
from study.training.model_file import inference_model
from study.training.saved_model import load_model
from study.winner.choice import choose
from study.winner.weights import weights_file

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Study:
    """A study as it was when it was loaded: its search space, its cells and epochs, and the result of each point."""

    space: SearchSpace
    """What the study's file declares."""
    table: pd.DataFrame
    """A row for each cell."""
    epochs: pd.DataFrame
    """A row for each epoch of each cell."""
    ledger: Ledger = field(repr=False)
    """The study's part of the store."""

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each point with a complete cell, as `study run` prints it: means, effects and their intervals."""
        names = [column.name for column in fields(Summary)]
        rows = [] if cell_table.complete(self.table).empty else summary(self.table)
        return pd.DataFrame([vars(row) for row in rows], columns=names)

    @property
    def best(self) -> "pd.Series[Any]":
        """The summary's row with the best mean over seeds. If a search confirmed points, only these are compared.

        Raises StoreError if no cell is complete.
        """
        rows = self.summary
        if rows.empty:
            raise StoreError(f"study {self.space.name!r}: no cell is complete; `study run` runs what is missing")
        best = best_point(dict(zip(rows["point"], rows["mean"], strict=True)), sign=self.space.objective.sign)
        return rows[rows["point"] == best].iloc[0]

    def model(self, *, say: Callable[[str], None] = print) -> "keras.Model":
        """Returns the model of the best point's median seed, without optimizer and metrics.

        Its weights come from the store. If the store does not have them, the cell is run again.
        Raises StudyError if no cell is complete.
        """
        cell = choose(self.ledger).cell
        return inference_model(load_model(cell.config, weights_file(self.ledger, cell, say=say).parent)[1])

    def __repr__(self) -> str:
        rows = self.summary.to_string(index=False, **self._formats())
        return "\n".join([self._heading(), rows, *conditions(self.table)])

    def _repr_html_(self) -> str:
        first, *others = map(html.escape, self._heading().splitlines())
        rows = self.summary.to_html(index=False, border=0, **self._formats())
        below = (f"<p>{html.escape(line)}</p>" for line in conditions(self.table))
        return "".join([f"<b>{first}</b>", *(f"<br>{line}" for line in others), rows, *below])

    def _heading(self) -> str:
        space, counts = self.space, cell_table.counts_text(dict(Counter(self.table["state"]).most_common()))
        title = f"{space.name}: {space.description}" if space.description else space.name
        aim = f"{space.objective.direction} {space.objective.metric}"
        openings = holdout.read_openings(self.ledger.folder)
        test_split = f"\n{holdout.openings_in_words(openings)}" if openings else ""
        return f"{title}\n{aim}; {len(self.table)} cells: {counts}; means over seeds with 95 % intervals{test_split}"

    def _formats(self) -> dict[str, Any]:
        rows = self.summary
        formats: dict[str, Callable[[Any], str]] = {"point": str, "seeds": str}
        for name in ("parameters", "seconds"):
            formats[name] = "{:,.0f}".format
        for names, high in ((("mean", "low", "high"), "high"), (_DIFFERENCE, "difference_high")):
            digits = Digits.of(rows[names[0]], halves=rows[high] - rows[names[0]])
            formats |= dict.fromkeys(names, digits.show)
        return {"formatters": formats, "na_rep": ""}


_DIFFERENCE = ("difference", "difference_low", "difference_high")


def load_study(name: str, *, store: str | Path | None = None) -> Study:
    """Returns a study by its name or its search-space file. Without `store`, the store is STUDY_STORE or ./mlruns.

    Raises StoreError if the store has no such study.
    """
    ledger = Ledger.read(Path(store).absolute() if store else default_store(), name_of(name))
    return Study(ledger.space, table(ledger), epochs(ledger), ledger)


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
