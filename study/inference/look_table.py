"""How far the looks of a study are, as its table of cells says it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from study.inference.cell_table import comparable, complete, declared, declared_chance, objective
from study.inference.look_words import look_lines, look_texts, look_verdicts
from study.inference.looks import Course, Plan, follow
from study.inference.verdict_rule import Verdict
from study.space.looks import look_seeds
from study.space.trial import BASELINE, UNFINISHED


@dataclass(frozen=True)
class TableLooks:
    """The looks of a table, and what they say of each of its variants."""

    variants: list[str]
    course: Course
    plan: Plan
    first_seed: int

    @property
    def share(self) -> float:
        """The share of the error that the last complete look may spend. Before the first look, that of this one."""
        return self.plan.share(max(self.course.done - 1, 0))

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each variant."""
        return dict(zip(self.variants, look_verdicts(self.course, self.plan), strict=True))

    @property
    def texts(self) -> dict[str, str]:
        """The look of each variant's verdict, in words."""
        return dict(zip(self.variants, look_texts(self.course, self.plan), strict=True))

    @property
    def lines(self) -> list[str]:
        """What each look has decided, in words."""
        return look_lines(self.variants, self.course, self.plan)

    def of_last_look(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Returns the cells, of all that compare, that the last complete look judges. Empty before the first one."""
        if not self.course.done:
            return cells.head(0)
        look = self.plan.looks[self.course.done - 1]
        most = np.where(cells["point"] == BASELINE, look.baseline, look.variants)
        judged: pd.DataFrame = cells[cells["seed"] - self.first_seed < most]
        return judged

    def columns(self, points: list[str]) -> dict[str, list[Any]]:
        """Returns what replaces the numbers of effects without looks, for these variants."""
        places = [self.variants.index(point) for point in points]
        adjusted = self.course.standing.adjusted if self.course.done else np.full(len(self.variants), np.nan)
        return {"adjusted": adjusted[places].tolist(), "within": self.course.standing.within[places].tolist()}


def table_looks(table: pd.DataFrame) -> TableLooks | None:
    """Returns how far the looks of a study are. None if its table declares no looks."""
    rule = declared(table)
    if not rule.looks:
        return None
    cells = comparable(table)
    variants = [str(point) for point in cells["point"].unique() if point != BASELINE]
    plan = Plan(
        look_seeds(rule.looks, paired=rule.method == "paired"),
        rule.method,
        rule.margin,
        rule.sign,
        declared_chance(table),
    )
    rows = {point: row for row, point in enumerate([BASELINE, *variants])}
    values = np.full((len(rows), rule.looks[-1]), np.nan)
    over = np.zeros(values.shape, bool)
    # The seeds follow one another, and the first look has the baseline's first one.
    first = int(cells["seed"].min()) if len(cells) else 0
    for point, seed, state, value in zip(cells["point"], cells["seed"], cells["state"], _values(cells), strict=True):
        if (turn := int(seed) - first) < values.shape[1]:
            values[rows[str(point)], turn] = value
            over[rows[str(point)], turn] = state not in UNFINISHED
    return TableLooks(variants, follow(values, over, plan), plan, first)


def _values(cells: pd.DataFrame) -> "pd.Series[float]":
    """Returns the value of each cell as `study.inference.looks` takes it."""
    empty = pd.Series(np.nan, index=cells.index).mask(cells["state"] == "diverged", np.inf)
    counted = complete(cells)
    return empty if counted.empty else empty.fillna(counted[objective(cells)].astype(float))
