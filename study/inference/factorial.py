"""A grid's main effects and interactions: differences between the means of its points, all with the same weight.

The seeds of each point are averaged first, so that a point with fewer seeds has the same weight. Each point has its own
variance.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import nan, prod

import numpy as np
import pandas as pd

from study.inference.cell_table import comparable, complete, crossed_pairs, declared, objective, search_phases, varied
from study.inference.changes import changes
from study.inference.contrasts import contrast_by_seed
from study.inference.intervals import CONFIDENCE, Difference
from study.inference.mixture import mixture, unbalanced
from study.inference.multiplicity import holm
from study.space.hints import some
from study.space.trial import label

Key = tuple[str | None, ...]
"""A level for each factor. None stands for the baseline's level."""
ALPHA = 1 - CONFIDENCE
MOST = 4
"""How many effects a sentence names before it counts the others."""
UNKNOWN = Difference(nan, nan, nan, nan)


@dataclass(frozen=True)
class Term:
    """One main effect, or one interaction of two factors, against the levels of the baseline."""

    changes: Mapping[str, str]
    """The factor, or the two, and the level of each."""
    difference: Difference
    """A main effect: this level minus the baseline's. An interaction: the effect of both minus the sum of each."""
    adjusted: float
    """The p adjusted by Holm for all effects of the grid. NaN if there is no test."""
    over: int
    """The number of combinations of the other factors' levels that the effect is averaged over."""
    planned: int
    """The number of such combinations in a full grid. Conditions (`when`) leave some out."""
    problem: str = ""
    """Why the effect cannot be estimated. Empty if it can."""

    @property
    def name(self) -> str:
        """The label of the change. An interaction joins the labels of both with ×."""
        return " × ".join(label({factor: level}) for factor, level in self.changes.items())


def is_grid(table: pd.DataFrame) -> bool:
    """Whether the design varied factors together. A search does not count."""
    return "search" not in search_phases(table) and bool(crossed_pairs(table))


def terms(table: pd.DataFrame) -> list[Term]:
    """Returns each main effect, then each interaction of two factors, with p adjusted by Holm for all of them."""
    grid = _Grid(table)
    effects = [grid.term(changes) for changes in grid.changes()]
    adjusted = holm([effect.difference.p for effect in effects])
    return [replace(effect, adjusted=p) for effect, p in zip(effects, adjusted, strict=True)]


class _Grid:
    def __init__(self, table: pd.DataFrame) -> None:
        cells = comparable(table)
        self.factors = varied(cells)
        self.column = objective(cells)
        self.pairs = declared(cells).method == "paired"
        self.names = {self._key(change): point for point, change in changes(cells).items()}
        self.whole = complete(cells)
        # Once for each point, because each is part of hundreds of effects in a large grid.
        by_seed = self.whole.set_index("seed").groupby("point", sort=False)[self.column]
        values = {str(point): series.astype(float) for point, series in by_seed}
        self.values = {key: values.get(point, pd.Series(dtype=float)) for key, point in self.names.items()}
        self.alike = not mixture(cells)
        self.levels = [
            list(dict.fromkeys(key[place] for key in self.names if key[place] is not None))
            for place in range(len(self.factors))
        ]

    def _key(self, change: Mapping[str, str]) -> Key:
        return tuple(change.get(factor) for factor in self.factors)

    def changes(self) -> Iterator[dict[str, str]]:
        """Yields the changes of each effect: first of one factor, then of two."""
        for number in (1, 2):
            for places in combinations(range(len(self.factors)), number):
                for levels in product(*(self.levels[place] for place in places)):
                    yield {self.factors[place]: str(level) for place, level in zip(places, levels, strict=True)}

    def term(self, changes: Mapping[str, str]) -> Term:
        """Returns the effect of these changes, averaged over the other factors' levels.

        Each change that is undone changes the sign of a mean, so that an interaction is a difference of differences.
        """
        corners = [
            [(self._without(key, back), (-1) ** len(back)) for back in _subsets(list(changes))]
            for key in self.names
            if all(key[self.factors.index(factor)] == level for factor, level in changes.items())
        ]
        whole = [corner for corner in corners if all(key in self.names for key, _ in corner)]
        others = (len(levels) + 1 for f, levels in zip(self.factors, self.levels, strict=True) if f not in changes)
        signed = [pair for corner in whole for pair in corner]
        made = Term(changes, UNKNOWN, nan, len(whole), prod(others))
        if problem := self._problem(signed):
            return replace(made, problem=problem)
        groups, weights = [self.values[key] for key, _ in signed], [sign / len(whole) for _, sign in signed]
        found = contrast_by_seed(groups, weights, pairs=self.pairs)
        lost = "" if np.isfinite(found.value) else "not estimable: no seed is complete at all its cells"
        return replace(made, difference=found, problem=lost)

    def _problem(self, signed: Sequence[tuple[Key, int]]) -> str:
        empty = [self.names[key] for key, _ in signed if self.values[key].empty]
        if not signed or empty:
            where = f"no complete cell at {', '.join(dict.fromkeys(empty))}" if empty else "the grid has no such cells"
            return f"not estimable: {where}"
        if self.alike:
            return ""
        cells = [self.whole[self.whole["point"] == self.names[key]] for key, _ in signed]
        shared = unbalanced(cells, [sign for _, sign in signed])
        return f"confounded with {', '.join(shared)}" if shared else ""

    def _without(self, key: Key, back: Sequence[str]) -> Key:
        return tuple(None if f in back else level for f, level in zip(self.factors, key, strict=True))


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [chosen for number in range(len(names) + 1) for chosen in combinations(names, number)]


def grid_sentence(found: Sequence[Term]) -> str:
    """Tells a reader which effects the grid shows, the largest first, and whether any of them is an interaction."""
    tested = [term for term in found if np.isfinite(term.adjusted)]
    lost = sum(bool(term.problem) for term in found)
    rest = f" {lost} of {len(found)} effects cannot be estimated." if lost else ""
    if not tested:
        return f"No effect of the grid can be tested: its cells share no two seeds, or have one each.{rest}"
    shown = sorted((t for t in tested if t.adjusted < ALPHA), key=lambda t: -abs(t.difference.value))
    named = some([f"{term.name} {term.difference.value:+.3g}" for term in shown], most=MOST, separator="; ") or "none"
    joint = "" if any(len(term.changes) > 1 for term in shown) else ", no interaction among them"
    said = f"Over all other levels, {len(shown)} of {len(tested)} effects are shown (Holm, 5 %){joint}: {named}."
    return f"{said}{rest}".replace("-", "−")
