"""The store as one tidy table."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from study.errors import StoreError
from study.ledger import Cell, Ledger
from study.reader import read
from study.task import describe

_FILES = (".csv", ".parquet")
_TEXTS = ("study", "key", "point", "phase", "state", "objective", "direction", "reason")


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
    return uniform(pd.DataFrame([_row(ledger, cell) for cell in ledger.cells()]))


def epochs(ledger: Ledger) -> pd.DataFrame:
    """A row an epoch of each cell's last trial, the first epoch 1."""
    rows = [
        {**_identity(ledger, cell), "epoch": epoch, **_prefixed("metric", metrics)}
        for cell in ledger.cells()
        for epoch, metrics in enumerate(ledger.curve(cell.config.key), start=1)
    ]
    return pd.DataFrame(rows, columns=None if rows else ["study", "key", "point", "seed", "epoch"])


def _identity(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    return {"study": ledger.space.name, "key": cell.config.key, "point": cell.point, "seed": cell.config.seed}


def _row(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    space, config, result = ledger.space, cell.config, cell.result
    levels = config.levels()
    curve = ledger.curve(config.key) if cell.state in ("complete", "pruned", "diverged") else []
    environment = result.environment if result else {}
    return {
        **_identity(ledger, cell),
        "phase": cell.phase,
        "state": cell.state,
        "objective": space.objective.metric,
        "direction": space.objective.direction,
        **_prefixed("level", {factor.name: levels[factor.name] for factor in space.factors}),
        **_prefixed("metric", curve[-1] if curve else {}),
        **vars(config.fidelity),
        "parameters": result.parameters if result else None,
        "flops": result.flops if result else None,
        "seconds": result.seconds if result else None,
        **{name: environment.get(name) for name in ("backend", "device", "threads")},
        **_prefixed("timing", result.timing if result else {}),
        "reason": result.reason if result else "",
    }


def _prefixed(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{name}": value for name, value in values.items()}


def _read_file(path: Path) -> pd.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        # Only an empty field is missing: "none" and "nan" may be levels.
        frame = pd.read_csv(path, dtype=dict.fromkeys(_TEXTS, str), keep_default_na=False, na_values=[""])
        return frame.fillna({name: "" for name in _TEXTS if name in frame})
    except FileNotFoundError:
        raise StoreError(f"{path}: no such file; `study export NAME --out {path.name}` makes one") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: is not a table that `study export` wrote: {error}") from None


def uniform(frame: pd.DataFrame) -> pd.DataFrame:
    """The table as any file gives it back: a factor whose levels are texts and numbers has texts alone."""
    factors = [name for name in frame if str(name).startswith("level.")]
    mixed = [name for name in factors if len(types := set(frame[name].map(type))) > 1 and str in types]
    return frame.assign(**{str(name): frame[name].map(describe) for name in mixed})
