"""How a figure names factors, levels, points and metrics, and how it writes numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from study.inference import cell_table
from study.inference.columns import level_column, metric_column, metric_name
from study.space.trial import BASELINE
from study.task import describe
from study.terminal import Digits

FACTORS = {
    "conv_depth": "trunk depth",
    "width": "trunk width",
    "wide_layers": "wide layers at the end",
    "wide_factor": "widening of the last layers",
    "batch_norm": "batch normalisation",
    "batch_norm_momentum": "momentum of batch normalisation",
    "coordinates": "coordinates as input",
    "mask": "mask pattern",
    "damage": "damage (share of modules flipped)",
    "train_examples": "training examples",
}
"""Labels of factors whose own name says too little. Any other factor keeps its name."""


def factor_label(name: str) -> str:
    """Returns a factor's name for readers."""
    return FACTORS.get(name, name.replace("_", " "))


def level_label(text: str) -> str:
    """Returns a level for readers. `text` is the level as points' names write it."""
    if text in ("true", "false"):
        return "on" if text == "true" else "off"
    if text.isdecimal() and len(text) > 4:
        return f"{int(text):,}"
    return text.replace("_", " ")


def level_text(level: object) -> str:
    """Returns a level of the table as points' names write it."""
    plain = level.item() if isinstance(level, np.generic) else level
    return describe(plain) if isinstance(plain, bool | int | float | str) else str(plain)


def change_labels(change: Mapping[str, str], *, baseline: Mapping[Any, Any] | None = None) -> list[str]:
    """Returns a label for each factor that a point changes: `trunk depth: 2`.

    With a row of the baseline's table, a single change also shows where it comes from: `trunk depth: 4 → 2`.
    """
    origins = {factor: (baseline or {}).get(level_column(factor)) for factor in change} if len(change) == 1 else {}
    return [f"{factor_label(factor)}: {_step(origins.get(factor), level)}" for factor, level in change.items()]


def _step(before: object, level: str) -> str:
    return level_label(level) if before is None else f"{level_label(level_text(before))} → {level_label(level)}"


def point_label(change: Mapping[str, str]) -> str:
    """Returns a point for readers, given what it changes: `conv_depth=2` becomes `trunk depth: 2`."""
    return ", ".join(change_labels(change)) or BASELINE


def metric_label(name: str, columns: Iterable[str]) -> str:
    """Returns a metric's name for readers. `columns` are the columns of the table that holds the metric."""
    rest = name.removeprefix("val_")
    text = rest.replace("number_acc", "accuracy (share of whole numbers)").replace("_", " ")
    text = " ".join("accuracy" if word == "acc" else word for word in text.split())
    # A task that also counts whole numbers counts its plain accuracy by the digit. Other tasks do not.
    if rest == "acc" and metric_column("val_number_acc") in set(columns):
        text += " (share of digits)"
    return f"{'training' if rest == name else 'validation'} {text}"


def objective_label(table: pd.DataFrame) -> str:
    """Returns the name of the table's objective for readers."""
    label = metric_label(metric_name(cell_table.objective(table)), table.columns)
    return f"{label} at the best epoch" if cell_table.counts_best_epoch(table) else label


def without_brackets(label: str) -> str:
    """Returns the label without its explanation in brackets, as titles use it."""
    return label.partition(" (")[0]


def short_number(value: float) -> str:
    """Returns a number in three digits with the letter of its size: `856 k`, `1.3 M`."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 0.9995 * size:
            return f"{value / size:.3g} {letter}"
    return f"{value:.3g}"


def mean_text(row: Mapping[Any, Any], digits: Digits) -> str:
    """Returns a mean with its interval: `0.345 (0.320 to 0.370)`. `row` has the keys mean, low and high."""
    interval = digits.interval(row["low"], row["high"])
    return digits.show(row["mean"]) + (f" ({interval})" if interval else "")
