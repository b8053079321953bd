"""The store as one tidy table, and a study as a notebook shows it."""

import html
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from study.errors import StoreError
from study.inference import cell_table, columns, conclusions
from study.inference.findings import conditions
from study.inference.selection import best_point
from study.ledger import holdout
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.ledger.store import default_store
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.space.trial import WITH_CURVE, label
from study.task import describe
from study.training.saved_model import inference_model, load_model
from study.winner.choice import choose
from study.winner.weights import weights_file

if TYPE_CHECKING:
    import keras

_FILES = (".csv", ".parquet")


@dataclass(frozen=True, eq=False)
class Study:
    """A study as it stood when it was loaded: what was asked, every cell and epoch, what each point came to."""

    space: SearchSpace
    """What its file declares."""
    table: pd.DataFrame
    """A row a cell."""
    epochs: pd.DataFrame
    """A row an epoch."""
    ledger: Ledger = field(repr=False)
    """Its part of the store."""

    @property
    def summary(self) -> pd.DataFrame:
        """A row a point with a complete cell, as `study run` prints it: means, effects and their intervals."""
        names = [column.name for column in fields(conclusions.Summary)]
        rows = [] if cell_table.complete(self.table).empty else conclusions.summary(self.table)
        return pd.DataFrame([vars(row) for row in rows], columns=names)

    @property
    def best(self) -> "pd.Series[Any]":
        """The summary's row of the best mean over seeds; of a search, among what it confirmed, if anything.

        Raises StoreError where no cell is complete.
        """
        rows = self.summary
        if rows.empty:
            raise StoreError(f"study {self.space.name!r}: no cell is complete; `study run` runs what is missing")
        best = best_point(dict(zip(rows["point"], rows["mean"], strict=True)), sign=self.space.objective.sign)
        return rows[rows["point"] == best].iloc[0]

    def model(self, *, say: Callable[[str], None] = print) -> "keras.Model":
        """The best point's model, of its median seed, without optimizer and metrics.

        Its weights are those that the store keeps; where they are not there, the cell is run again for them.
        Raises StudyError where no cell is complete.
        """
        cell = choose(self.ledger).cell
        return inference_model(load_model(cell.config, weights_file(self.ledger, cell, say=say).parent)[1])

    def __repr__(self) -> str:
        rows = self.summary.to_string(index=False, **self._written())
        return "\n".join([self._heading(), rows, *conditions(self.table)])

    def _repr_html_(self) -> str:
        first, *others = map(html.escape, self._heading().splitlines())
        rows = self.summary.to_html(index=False, border=0, **self._written())
        below = (f"<p>{html.escape(line)}</p>" for line in conditions(self.table))
        return "".join([f"<b>{first}</b>", *(f"<br>{line}" for line in others), rows, *below])

    def _heading(self) -> str:
        space, counts = self.space, cell_table.counts_text(dict(Counter(self.table["state"]).most_common()))
        said = f"{space.name}: {space.description}" if space.description else space.name
        aim = f"{space.objective.direction} {space.objective.metric}"
        opened = holdout.read_openings(self.ledger.folder)
        looks = f"\n{holdout.openings_in_words(opened)}" if opened else ""
        return f"{said}\n{aim}; {len(self.table)} cells: {counts}; means over seeds with 95 % intervals{looks}"

    def _written(self) -> dict[str, Any]:
        whole = {"parameters": "{:,.0f}".format, "seconds": "{:,.0f}".format, "seeds": str, "point": str}
        return {"formatters": {name: whole.get(name, "{:.3f}".format) for name in map(str, self.summary)}, "na_rep": ""}


def load_study(name: str, *, store: str | Path | None = None) -> Study:
    """A study of the store (STUDY_STORE, else ./mlruns) by its name or search-space file, for use in Python.

    Raises StoreError where there is none.
    """
    ledger = Ledger.read(Path(store).absolute() if store else default_store(), name_of(name))
    return Study(ledger.space, table(ledger), epochs(ledger), ledger)


def read_table(source: str, *, store: Path) -> pd.DataFrame:
    """A row a cell, with its last trial: from a study by name or search-space file, or from an exported table."""
    if source.endswith(_FILES):
        return _read_file(Path(source))
    return table(Ledger.read(store, name_of(source)))


def read_epochs(source: str, *, store: Path) -> pd.DataFrame:
    """A row an epoch of each cell's last trial, the first epoch 1; sources as for `read_table`."""
    if source.endswith(_FILES):
        return _read_file(Path(source))
    return epochs(Ledger.read(store, name_of(source)))


def name_of(source: str) -> str:
    """A study's name, given that or its search-space file."""
    return read(Path(source)).name if source.endswith(".toml") else source


def table(ledger: Ledger) -> pd.DataFrame:
    """A row a cell, with its last trial."""
    about = {**_about(ledger), "test_openings": len(holdout.read_openings(ledger.folder))}
    return uniform(pd.DataFrame([_row(ledger, cell, about) for cell in ledger.cells()]))


def epochs(ledger: Ledger) -> pd.DataFrame:
    """A row an epoch of each cell's last trial, the first epoch 1."""
    rows = [
        columns.row(columns.EPOCHS, {**_identity(ledger, cell), "epoch": epoch}, {columns.METRIC: metrics})
        for cell in ledger.cells()
        for epoch, metrics in enumerate(ledger.curve(cell.config.key), start=1)
    ]
    return pd.DataFrame(rows, columns=None if rows else columns.fixed(columns.EPOCHS))


def _identity(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    return {
        "study": ledger.space.name,
        "key": cell.config.key,
        "point": cell.point,
        columns.CHANGES: json.dumps(cell.config.changes(ledger.space.config({}, seed=0))),
        "seed": cell.config.seed,
    }


def _about(ledger: Ledger) -> dict[str, Any]:
    """What all cells share: the task, what the baseline changes of its defaults, how it is trained, what is nuisance.

    Settings are named as a point's changes are.
    """
    space = ledger.space
    config = space.config({}, seed=0)
    untouched = replace(config, settings=space.defaults)
    varied = {factor.name for factor in space.factors}
    # A store of before this was recorded, or a task that names no such setting: then what the baseline changes.
    names = space.training or tuple(config.changes(untouched))
    fixed = {name: space.baseline[name] for name in names if name not in varied}
    return {
        "task": space.task,
        "baseline": config.delta(untouched),
        "fixed": label(fixed) if fixed else "",
        "nuisance": " ".join(space.nuisance),
        "vary": " ".join(space.vary),
        "revised": "; ".join(ledger.revisions),
    }


def _row(ledger: Ledger, cell: Cell, about: Mapping[str, Any]) -> dict[str, Any]:
    space, config, result = ledger.space, cell.config, cell.result
    levels = config.levels()
    curve = ledger.curve(config.key) if cell.state in WITH_CURVE else []
    environment = result.environment if result else {}
    values = {
        **_identity(ledger, cell),
        "phase": cell.phase,
        "state": cell.state,
        "objective": space.objective.metric,
        "direction": space.objective.direction,
        "paired": space.comparison == "paired",
        "equal_variances": space.comparison == "equal_variances",
        "margin": math.nan if space.margin is None else space.margin,
        **about,
        **vars(config.fidelity),
        "parameters": result.parameters if result else None,
        "flops": result.flops if result else None,
        "seconds": result.seconds if result else None,
        **{name: environment.get(name) for name in columns.ENVIRONMENT},
        "reason": result.reason if result else "",
    }
    many: dict[str, Mapping[str, Any]] = {
        columns.LEVEL: {factor.name: levels[factor.name] for factor in space.factors},
        columns.METRIC: curve[-1] if curve else {},
        columns.VERSION: {name: str(value) for name, value in environment.items() if name not in columns.ENVIRONMENT},
        columns.TIMING: result.timing if result else {},
    }
    return columns.row(columns.TABLE, values, many)


def _read_file(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        # Only an empty field is missing: "none" and "nan" may be levels.
        # And version 3.10 is no number.
        texts = columns.of_kind(map(str, pd.read_csv(path, nrows=0)), "text")
        frame = pd.read_csv(path, dtype=dict.fromkeys(texts, str), keep_default_na=False, na_values=[""])
        return frame.fillna({name: "" for name in [*texts, *_levels(frame)] if not name.startswith(columns.VERSION)})
    except FileNotFoundError:
        raise StoreError(f"{path}: no such file; `study export NAME --out {path.name}` makes one") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: is not a table that `study export` wrote: {error}") from None


def _levels(frame: pd.DataFrame) -> list[str]:
    """Returns the factors whose levels are texts, so that an empty one may be among them: no level is ever missing."""
    # An older export may have come from anywhere.
    levels = columns.with_prefix(frame, columns.LEVEL).values() if columns.CHANGES in frame else []
    return [name for name in levels if pd.api.types.is_string_dtype(frame[name].dtype)]


def uniform(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as any file gives it back: a factor whose levels are texts and numbers has texts alone."""
    factors = columns.with_prefix(frame, columns.LEVEL)
    mixed = [name for name in factors.values() if len(types := set(frame[name].map(type))) > 1 and str in types]
    return frame.assign(**{name: frame[name].map(describe) for name in mixed})
