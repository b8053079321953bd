"""The article that the built-in task comes from: its values, its baseline settings and its rule-based reader."""

from collections.abc import Mapping

import pandas as pd

from study.inference import cell_table
from study.inference.changes import changes as point_changes
from study.inference.changes import from_label
from study.inference.columns import metric_column
from study.task import Level, Setting, Settings, describe
from study.tasks.qr_digits import SETTINGS, codes, task

METRIC = "val_acc"
"""The metric that the article reports."""
DEPTHS = {2: 0.5, 7: 0.92}
"""Number of convolutions → val_acc of the article's own network."""
WIDTH, EPOCHS, EXAMPLES = 256, 30, 30_000
FIDELITY = f"{WIDTH} channels, {EPOCHS} epochs on {EXAMPLES:,} examples"
"""The budget at which the article reports these values."""
COUNT = 500
"""How many codes the rule-based reader reads when its share is measured."""
_SHARES = {metric_column("val_acc"): 0, metric_column("val_number_acc"): 1}
"""Column of the objective → where the rule-based reader's result holds the same metric."""


def is_its_task(table: pd.DataFrame) -> bool:
    """Whether the study trains the article's task, which is the built-in one."""
    return "task" in table and "baseline" in table and set(table["task"]) == {task.name}


def baseline_levels(table: pd.DataFrame) -> dict[str, str]:
    """Returns the level of every setting at the study's baseline, written as in points' names."""
    return {**own_settings(), **from_label(str(table["baseline"].iloc[0]))}


def is_its_budget(cells: pd.DataFrame, levels: Mapping[str, str]) -> bool:
    """Whether all of these cells had at least the article's budget. `levels` are what they change of the baseline."""
    width = {**baseline_levels(cells), **levels}["width"]
    enough = (cells["epochs"] >= EPOCHS) & (cells["train_examples"] >= EXAMPLES)
    return float(width) >= WIDTH and len(cells) > 0 and bool(enough.all())


def misfit(table: pd.DataFrame) -> str:
    """Returns what a study of this task cannot have: an unknown baseline or level, or a share above 1. Else empty."""
    baseline = table["baseline"].iloc[0]
    if not baseline or not set(from_label(str(baseline))) <= set(SETTINGS):
        return f"column baseline: {baseline!r} is no baseline of the task {task.name}"
    for change in ({**baseline_levels(table), **point} for point in point_changes(table).values()):
        for name in SETTINGS:
            try:
                _level(SETTINGS[name], change[name])
            except (KeyError, ValueError):
                return f"{change[name]!r} is no level of {name}"
    values = cell_table.complete(table)[cell_table.objective(table)]
    if cell_table.objective(table) in _SHARES and not values.between(0, 1).all():
        return f"{METRIC} is a share, from 0 to 1, and goes up to {values.max():g} here"
    return ""


def is_its_baseline(table: pd.DataFrame) -> bool:
    """Whether the study's baseline has the article's own settings. In which precision it computes does not count."""
    return {**baseline_levels(table), "precision": "float32"} == own_settings()


def own_settings() -> dict[str, str]:
    """Returns the article's own level of every setting, written as in points' names."""
    return {name: describe(setting.default) for name, setting in SETTINGS.items()}


def ceiling(table: pd.DataFrame, **changes: str) -> float | None:
    """Returns the share that a rule-based reader reads right at these changes to the baseline.

    On undamaged codes this is all of them; on damaged codes it is measured. Returns None if the objective is neither
    the share of digits nor that of whole numbers.
    """
    if cell_table.objective(table) not in _SHARES:
        return None
    undamaged = _settings({**baseline_levels(table), **changes})["damage"] == 0
    return 1.0 if undamaged else measured_ceiling(table, **changes)


def measured_ceiling(table: pd.DataFrame, **changes: str) -> float | None:
    """Returns the same share, measured on the first of the codes on which the networks are measured, too."""
    share = _SHARES.get(cell_table.objective(table))
    return None if share is None else codes.ceiling(_settings({**baseline_levels(table), **changes}), COUNT)[share]


def _settings(texts: Mapping[str, str]) -> Settings:
    return {name: _level(setting, texts[name]) for name, setting in SETTINGS.items()}


def _level(setting: Setting, text: str) -> Level:
    choices = {describe(choice): choice for choice in setting.allowed}
    return choices[text] if choices else setting.level(float(text))
