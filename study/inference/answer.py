"""What a study answers, in two sentences at most: its best point, and what helps, hurts or is undecided."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import get_args

import numpy as np
import pandas as pd

from study.inference import cell_table
from study.inference.cell_table import comparable, complete, objective
from study.inference.changes import changes
from study.inference.columns import metric_name
from study.inference.dose import dose, doses, plateau_clause
from study.inference.effects import Effect, compute_effects
from study.inference.intervals import mean_interval
from study.inference.nuisance import at_best_nuisance
from study.inference.selection import best_point
from study.inference.verdict import verdict_words
from study.inference.verdict_rule import Verdict
from study.space.hints import some
from study.space.printable import printable
from study.space.trial import BASELINE, UNFINISHED
from study.terminal import Digits

MOST = 4
"""How many points of one verdict a sentence names before it counts the others."""
_ORDER: tuple[Verdict, ...] = get_args(Verdict)
"""The verdicts in the order of a sentence. A point that could not be tested comes last."""


def answer(table: pd.DataFrame, *, effects: Sequence[Effect] | None = None) -> str:
    """Returns the answer of one study's table, with the verdicts of `study effects`. Needs no cell to be complete.

    A study whose cells are not all there says "So far". `effects` are those of the table, if they are computed already.
    Raises InferenceError if the table is not of one objective.
    """
    cells = comparable(at_best_nuisance(table))
    if complete(cells).empty:
        counts = cell_table.counts_text(cell_table.left_out(cells))
        return f"No cell is complete, so there is no answer yet{f': {counts}' * bool(counts)}."
    return printable(f"{_best_sentence(cells)} {_verdict_sentence(cells, effects)}")


def best_sentence(table: pd.DataFrame) -> str:
    """Returns the first sentence of `answer`. A cell must be complete."""
    return printable(_best_sentence(comparable(at_best_nuisance(table))))


def _best_sentence(cells: pd.DataFrame) -> str:
    """Returns which point has the best mean, how sure that is, and which cells no mean contains."""
    groups = {str(point): group for point, group in complete(cells).groupby("point", sort=False)[objective(cells)]}
    means = {point: float(values.mean()) for point, values in groups.items()}
    best = best_point(means, sign=cell_table.declared(cells).sign)
    so_far = "So far, " if cells["state"].isin(UNFINISHED).any() else ""
    sentence = "; ".join(
        [so_far + _best_clause(cells, best, means) + _mean_text(groups, best), *_further_clauses(cells)]
    )
    # A point's name keeps its first letter.
    return f"{sentence}." if sentence.startswith(best) else f"{sentence[0].upper()}{sentence[1:]}."


def _best_clause(cells: pd.DataFrame, best: str, means: Mapping[str, float]) -> str:
    name, metric = ("the baseline" if best == BASELINE else best), cell_table.objective_name(cells)
    if len(means) == 1:
        return f"only {name} has a complete cell: its mean {metric} is "
    extreme = "highest" if cell_table.declared(cells).sign > 0 else "lowest"
    ties = sum(mean == means[best] for mean in means.values()) - 1
    shared = f", as {ties} other{'s do' if ties > 1 else ' does'}," if ties else ""
    return f"{name} has{shared} the {extreme} mean {metric} of {len(means):,} points, "


def _mean_text(groups: "Mapping[str, pd.Series[float]]", best: str) -> str:
    """Returns the best mean with its interval and its number of seeds, and the baseline's mean beside it."""
    mean, low, high = mean_interval(groups[best].to_numpy(float), metric=metric_name(str(groups[best].name)))
    digits, number = Digits.of([mean], halves=[high - mean]), len(groups[best])
    seeds = f"{number:,} seeds" if number > 1 else "one seed, so no interval"
    interval = "" if np.isnan(low) else f"95 % interval {digits.show(low)} to {digits.show(high)}, "
    baseline = BASELINE in groups and best != BASELINE
    beside = f"; baseline {digits.show(float(groups[BASELINE].mean()))}" if baseline else ""
    return f"{digits.show(mean)} ({interval}{seeds}{beside})"


def _further_clauses(cells: pd.DataFrame) -> Iterator[str]:
    """Yields what is equal, where more of a factor stops paying, that values are lucky, and what no mean contains."""
    yield from filter(None, [cell_table.equal_size(cells)])
    factors = doses(cells)
    if len(factors) == 1 and factors == cell_table.varied(cells):
        yield from filter(None, [plateau_clause(dose(cells, factors[0]))])
    if "search" in cell_table.search_phases(cells):
        yield "it is optimistic, because the search chose it by this value"
    if left_out := cell_table.left_out(cells):
        yield f"in no mean: {cell_table.counts_text(left_out)}"


def _verdict_sentence(cells: pd.DataFrame, effects: Sequence[Effect] | None) -> str:
    """Returns what the comparison of each variant with the baseline says, by verdict."""
    if (complete(cells)["point"] != BASELINE).all():
        return "No cell of the baseline is complete, so there is nothing to compare with."
    effects = compute_effects(cells) if effects is None else effects
    if not effects:
        alone = set(cells["point"]) == {BASELINE}
        return "There is no other point." if alone else "No other point has a complete cell, so nothing is compared."
    if not any(effect.verdict == "confounded" or np.isfinite(effect.p) for effect in effects):
        return "Nothing is tested, because a test needs two seeds at the baseline and at a variant."
    return f"Against the baseline, {'; '.join(_groups(effects, changes(cells)))}."


def _groups(effects: Iterable[Effect], changed: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yields each verdict with its points: single changes first, then the largest difference."""

    def rank(effect: Effect) -> tuple[int, str, bool, float]:
        place = _ORDER.index(effect.verdict) if np.isfinite(effect.p) or effect.verdict == "confounded" else len(_ORDER)
        return place, verdict_words(effect), len(changed[effect.point]) > 1, -abs(effect.difference)

    ordered = sorted(effects, key=rank)
    digits = Digits.of([e.difference for e in ordered], halves=[e.high - e.difference for e in ordered])
    for words, group in groupby(ordered, key=verdict_words):
        named = [f"{effect.point} ({digits.show(effect.difference, signed=True)})" for effect in group]
        yield f"{words.replace(': ', ', ')}: {some(named, most=MOST)}"
