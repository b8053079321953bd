"""The columns of a study's table: their order, what they hold, and who needs them.

`study.ledger.tables` makes a row for each cell, or for each epoch of a cell. A few columns stand once for each factor,
metric, version or part of a trial: these have a prefix before its name, as in `level.conv_depth` and `metric.val_acc`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from study.space.objective import COSTS
from study.task import Fidelity

Kind = Literal["text", "number", "flag", "mixed"]
"""What a column holds. A missing text is empty; a missing number, flag or mixed value is NaN or None."""
Need = Literal["", "effects", "figures"]
"""Who cannot work without the column. Figures also need what effects need."""


@dataclass(frozen=True)
class Column:
    """One column; with `many`, one for each name that the table's study gives, and `name` is their prefix."""

    name: str
    kind: Kind
    need: Need = ""
    many: bool = False


CHANGES = "changes"
"""What the row's point changes of the baseline, as JSON: `{"conv_depth": 4}`."""
IDENTITY = ("study", "key", "point", "seed")
"""Which cell a row belongs to."""
FIDELITY = tuple(field.name for field in fields(Fidelity))
ENVIRONMENT = ("backend", "device", "threads", "processor", "variables")
"""Where a cell ran. What it ran with stands in the columns of versions."""

TRIAL = "trial"
"""The number of the cell's last trial, as Optuna, MLflow and `study show` have it; missing if it has none."""
COUNTED = "objective_epoch"
"""Which epoch counts: `last` or `best`. Without this column the last one counts."""
LOOKS = "looks"
"""The seeds of an undecided variant at each look: `5 8 12 20`. Without this column a study has no looks."""
MATCHED = "matched"
"""What makes all points equally large: `parameters by width within 0.02`. Without this column nothing does."""
CHANCE = "chance"
"""The objective of a model that has learned nothing. Without this column two groups of values tell it."""
CODE = "code"
"""Which code of the task made a cell. Codes that the user accepted as the same have one name; empty if unknown."""
DATA = "data"
"""The fingerprint of the data set on which a cell was trained; empty if unknown."""

LEVEL, METRIC, VERSION, TIMING = "level.", "metric.", "version.", "timing."

_IDENTITY = (
    Column("study", "text", "effects"),
    Column("key", "text", "figures"),
    Column("point", "text", "effects"),
    Column(CHANGES, "text"),
    Column("seed", "number", "effects"),
)
TABLE = (
    *_IDENTITY,
    Column(TRIAL, "number"),
    Column("phase", "text"),
    Column("state", "text", "effects"),
    Column("objective", "text", "effects"),
    Column("direction", "text", "effects"),
    Column(COUNTED, "text"),
    Column("paired", "flag"),
    Column("equal_variances", "flag"),
    Column("margin", "number"),
    Column(LOOKS, "text"),
    Column(MATCHED, "text"),
    Column(CHANCE, "number"),
    Column("task", "text"),
    Column("baseline", "text"),
    Column("fixed", "text"),
    Column("nuisance", "text"),
    Column("vary", "text"),
    Column("revised", "text"),
    Column("test_openings", "number"),
    Column(LEVEL, "mixed", many=True),
    Column(METRIC, "number", many=True),
    *(Column(name, "number", "figures") for name in FIDELITY),
    *(Column(name, "number") for name in COSTS),
    Column("backend", "mixed"),
    Column("device", "mixed"),
    Column("threads", "number"),
    Column("processor", "mixed"),
    Column("variables", "mixed"),
    Column(CODE, "text"),
    Column(DATA, "text"),
    Column(VERSION, "text", many=True),
    Column(TIMING, "number", many=True),
    Column("reason", "text"),
)
"""A row for each cell."""
EPOCHS = (
    *_IDENTITY,
    Column("phase", "text"),
    Column(DATA, "text"),
    Column("epoch", "number", "figures"),
    Column(METRIC, "number", many=True),
)
"""A row for each epoch of a cell's last trial."""


def fixed(schema: Iterable[Column]) -> list[str]:
    """Returns the columns that every table has, whatever its study."""
    return [column.name for column in schema if not column.many]


def needed(schema: Iterable[Column], *needs: Need) -> list[str]:
    """Returns the columns that one of these cannot work without."""
    return [column.name for column in schema if column.need in needs]


def of_kind(names: Iterable[str], kind: Kind) -> list[str]:
    """Returns those names that are columns of this kind. A name that the schema does not know is of no kind."""
    return [name for name in names if (column := _column(name)) is not None and column.kind == kind]


def _column(name: str) -> Column | None:
    prefixes = (column for column in _PREFIXES if name.startswith(column.name))
    return _FIXED.get(name) or next(prefixes, None)


_FIXED = {column.name: column for column in (*TABLE, *EPOCHS) if not column.many}
_PREFIXES = tuple(column for column in TABLE if column.many)


def level_column(factor: str) -> str:
    """Returns the column of a factor's levels."""
    return f"{LEVEL}{factor}"


def metric_column(metric: str) -> str:
    """Returns the column of a metric's values: those of the kept weights, or in a table of epochs each epoch's."""
    return f"{METRIC}{metric}"


def metric_name(column: str) -> str:
    """Returns the metric whose column this is."""
    return column.removeprefix(METRIC)


def with_prefix(names: Iterable[object], prefix: str) -> dict[str, str]:
    """Returns the columns that begin with the prefix, each under its name without it, in their order."""
    return {name.removeprefix(prefix): name for name in map(str, names) if name.startswith(prefix)}


def names_text(names: Sequence[str]) -> str:
    """Returns names as one text: parted by blanks, or as JSON if a name has a blank of its own."""
    plain = not any(" " in name or name.startswith("[") for name in names)
    return " ".join(names) if plain else json.dumps(names, ensure_ascii=False)


def names_in(text: str) -> list[str]:
    """Returns the names in such a text."""
    return list(map(str, json.loads(text))) if text.startswith("[") else text.split()


def row(schema: Iterable[Column], values: Mapping[str, Any], many: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the values in the order of the schema; `many` holds those of each prefix by their names.

    Raises KeyError if a value is missing that is not one of many.
    """
    made: dict[str, Any] = {}
    for column in schema:
        if column.many:
            made |= {f"{column.name}{name}": value for name, value in many[column.name].items()}
        else:
            made[column.name] = values[column.name]
    return made
