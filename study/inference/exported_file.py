"""A table in a file: what `study export` writes is what this reads back."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from study.errors import StoreError
from study.inference import columns
from study.space.hints import short
from study.task import describe

SUFFIXES = (".csv", ".parquet")
"""The kinds of file that `study export` writes."""


def read_export(path: Path) -> pd.DataFrame:
    """Returns the table in an exported file. Raises StoreError if the file is missing or holds no such table."""
    try:
        if path.suffix == ".parquet":
            return _with_numbers(pd.read_parquet(path))
        # Only an empty field is missing: "none" and "nan" may be levels. A version stays a text: 3.10 is not 3.1.
        names = list(map(str, pd.read_csv(path, nrows=0)))
        texts = columns.of_kind(names, "text")
        types = dict.fromkeys([*texts, *_text_levels(path, names)], str)
        frame = pd.read_csv(path, dtype=types, keep_default_na=False, na_values=[""])
        filled = {name: "" for name in [*texts, *_levels(frame)] if not name.startswith(columns.VERSION)}
        return _with_numbers(frame.fillna(filled))
    except FileNotFoundError:
        raise StoreError(f"{path}: no such file; `study export NAME --out {path.name}` makes one") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: is not a table that `study export` wrote: {error}") from None


def _with_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the frame with numbers where they belong. Raises ValueError if a field holds anything else."""
    made = {}
    for column in columns.of_kind(map(str, frame), "number"):
        if not pd.api.types.is_numeric_dtype(frame[column].dtype):
            made[column] = pd.to_numeric(frame[column], errors="coerce")
            other = frame.loc[made[column].isna() & frame[column].notna(), column].astype(str)
            if wrong := [value for value in other if value.strip().lower() != "nan"]:
                raise ValueError(f"column {column} must hold numbers, not {short(wrong[0])}")
    return frame.assign(**made)


def _text_levels(path: Path, names: Collection[str]) -> list[str]:
    """Returns the columns of factors that have a text as a level. Otherwise "1" would be read as 1."""
    if columns.CHANGES not in names:
        return []
    recorded = pd.read_csv(path, usecols=[columns.CHANGES], dtype=str, keep_default_na=False)[columns.CHANGES].unique()
    factors = {factor for text in recorded for factor, level in _parsed(text).items() if isinstance(level, str)}
    return [column for factor in factors if (column := columns.level_column(factor)) in names]


def _parsed(text: str) -> Mapping[str, Any]:
    """Returns a point's changes. Empty if the text holds none: who needs them says so."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _levels(frame: pd.DataFrame) -> list[str]:
    """Returns the columns of factors with texts as levels. There an empty field is an empty text, never missing."""
    # Without this column an older version or another program wrote the file: its empty fields may be missing levels.
    levels = columns.with_prefix(frame, columns.LEVEL).values() if columns.CHANGES in frame else []
    return [name for name in levels if pd.api.types.is_string_dtype(frame[name].dtype)]


def uniform(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the table as any file gives it back: levels of a factor that are of several kinds all become texts."""
    factors = columns.with_prefix(frame, columns.LEVEL)
    mixed = [name for name in factors.values() if _is_mixed(frame[name])]
    return frame.assign(**{name: frame[name].map(describe) for name in mixed})


def _is_mixed(levels: "pd.Series") -> bool:
    """Whether a file could not give back these levels: they are of several kinds, or numbers that no column holds."""
    kinds = {kind if kind in (str, bool) else float for kind in levels.map(type)}
    return len(kinds) > 1 or (levels.dtype == object and kinds == {float})
