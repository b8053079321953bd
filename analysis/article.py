"""What figures know of the built-in task beyond a table: its settings, the article's values, the rule-based reader."""

from collections.abc import Mapping

import pandas as pd

from study.inference import cell_table as tidy
from study.inference.columns import metric_column
from study.task import Level, Setting, Settings, describe
from study.tasks.qr_digits import SETTINGS, codes, task

METRIC = "val_acc"
"""What the article measures."""
DEPTHS = {2: 0.5, 7: 0.92}
"""Convolutions → val_acc, as the article has it of its own network."""
FIDELITY = "256 channels, 30 epochs on 30,000 examples"
"""At which it has it."""
COUNT = 500
"""Codes that the rule-based reader is given to find out its share."""
_SHARES = {metric_column("val_acc"): 0, metric_column("val_number_acc"): 1}


def about(table: pd.DataFrame) -> bool:
    """Whether the study is one of the built-in task."""
    return "task" in table and "baseline" in table and set(table["task"]) == {task.name}


def standing(table: pd.DataFrame) -> dict[str, str]:
    """The level of every setting at the study's baseline, written as in points' names."""
    defaults = {name: describe(setting.default) for name, setting in SETTINGS.items()}
    return {**defaults, **tidy.changed(str(table["baseline"].iloc[0]))}


def ceiling(table: pd.DataFrame, **changes: str) -> float | None:
    """The share that a reader by the rules gets at these changes to the baseline: all of it, unless codes are damaged.

    None where the objective is no share of digits or of numbers.
    """
    if tidy.objective(table) not in _SHARES:
        return None
    clean = _settings({**standing(table), **changes})["damage"] == 0
    return 1.0 if clean else measured(table, **changes)


def measured(table: pd.DataFrame, **changes: str) -> float | None:
    """That share as the rule-based reader has it of the first codes that the networks are measured on."""
    share = _SHARES.get(tidy.objective(table))
    return None if share is None else codes.ceiling(_settings({**standing(table), **changes}), COUNT)[share]


def _settings(texts: Mapping[str, str]) -> Settings:
    return {name: _level(setting, texts[name]) for name, setting in SETTINGS.items()}


def _level(setting: Setting, text: str) -> Level:
    named = {describe(choice): choice for choice in setting.allowed}
    return named[text] if named else setting.level(float(text))
