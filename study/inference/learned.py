"""Seeds that learned and seeds that did not: training sometimes fails, and a mean over both kinds says little.

`study.inference.two_groups` says when values fall into two groups. A seed that diverged did not learn either.

Two questions take the place of one: does the variant fail more often (Fisher's exact test), and is it better where it
learns (Welch's t)? Their p are adjusted by Holm, both questions and all variants together. In a study with looks they
are asked of the cells of the last complete look, and err as seldom as this look may.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betaincinv, binom

from study.inference.cell_table import Declared, comparable, complete, declared, declared_chance, objective
from study.inference.intervals import CONFIDENCE, difference
from study.inference.look_table import table_looks
from study.inference.multiplicity import Array, holm
from study.inference.t_tests import ERROR, compare
from study.inference.two_groups import chance_end, failed_end
from study.inference.verdict_rule import FEWEST_SEEDS, Verdict, verdict
from study.space.trial import BASELINE

_UNDECIDED = "undecided whether it fails more often"
_NO_VERDICT = _UNDECIDED, "no verdict yet"


@dataclass(frozen=True, kw_only=True)
class Learned:
    """How often a point learned, and what it reached where it did. Its two verdicts are empty for the baseline."""

    point: str
    learned: int
    seeds: int
    """Cells that are complete or diverged."""
    low: float
    high: float
    """The ends of the exact 95 % interval of the share that learns (Clopper and Pearson)."""
    mean: float
    """The mean objective of those that learned. NaN if none did."""
    failing: str = ""
    """`fails more often`, `fails less often` or `undecided whether it fails more often`, against the baseline."""
    where_learned: Verdict | str = ""
    """The verdict on the seeds that learned, against those of the baseline."""

    @property
    def text(self) -> str:
        """How many learned, in words: `learned 3 of 5`."""
        return f"learned {self.learned} of {self.seeds}"


def learned(table: pd.DataFrame) -> list[Learned]:
    """Returns how often each point learned, the baseline first. Empty if every seed did, as far as anybody knows."""
    cells, rule = comparable(table), declared(table)
    samples = _samples(cells)
    end = _end(table, samples)
    if np.isnan(end) or BASELINE not in samples:
        return []
    counts = _counts(cells, end, sign=rule.sign)
    if all(count.learned == count.seeds for count in counts.values()):
        return []
    judged, error = _judged(table)
    verdicts = {} if judged.empty else dict(_verdicts(_counts(judged, end, sign=rule.sign), rule, error=error))
    order = [BASELINE, *(point for point in counts if point != BASELINE)]
    return [_learned(point, counts[point], *verdicts.get(point, _NO_VERDICT)) for point in order]


def did_not_learn(table: pd.DataFrame) -> "pd.Series[bool]":
    """Returns of each complete cell whether it is known not to have learned. A search's own cells do not count."""
    cells = comparable(table)
    values = complete(cells)[objective(table)].astype(float)
    failed = declared(table).sign * values <= _end(table, _samples(cells))
    return failed.reindex(complete(table).index, fill_value=False)


def may_mix(table: pd.DataFrame) -> set[str]:
    """Returns the points of which some seeds learned and some did not, as far as that is possible."""
    cells = comparable(table)
    end = _end(table, _samples(cells), sure=False)
    counts = {} if np.isnan(end) else _counts(cells, end, sign=declared(table).sign)
    return {point for point, count in counts.items() if 0 < count.learned < count.seeds}


def _samples(cells: pd.DataFrame) -> dict[str, Array]:
    by_point = complete(cells).groupby("point", sort=False)[objective(cells)]
    return {str(point): values.to_numpy(float) for point, values in by_point}


def _end(table: pd.DataFrame, samples: dict[str, Array], *, sure: bool = True) -> float:
    """Returns the value up to which a seed did not learn, as `sign` × value. NaN if nobody knows."""
    sign, chance = declared(table).sign, declared_chance(table)
    return failed_end(samples, sign=sign, sure=sure) if chance is None else chance_end(samples, chance, sign=sign)


def _judged(table: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Returns the cells on which verdicts rest, and how often these may err: with looks, those of the last look."""
    looks, cells = table_looks(table), comparable(table)
    return (cells, ERROR) if looks is None else (looks.of_last_look(cells), ERROR * looks.share)


class _Count(NamedTuple):
    good: Array
    """The objective of the seeds that learned."""
    seeds: int
    """Cells that are complete or diverged."""

    @property
    def learned(self) -> int:
        return len(self.good)

    @property
    def share(self) -> float:
        return self.learned / self.seeds


def _counts(cells: pd.DataFrame, end: float, *, sign: int) -> dict[str, _Count]:
    diverged = cells[cells["state"] == "diverged"]["point"].value_counts()
    return {
        point: _Count(values[sign * values > end], len(values) + int(diverged.get(point, 0)))
        for point, values in _samples(cells).items()
    }


def _learned(point: str, count: _Count, failing: str, where_learned: str) -> Learned:
    low, high = share_interval(count.learned, count.seeds)
    mean = float(count.good.mean()) if count.learned else nan
    judged = {} if point == BASELINE else {"failing": failing, "where_learned": where_learned}
    return Learned(point=point, learned=count.learned, seeds=count.seeds, low=low, high=high, mean=mean, **judged)


def share_interval(count: int, of: int) -> tuple[float, float]:
    """Returns the ends of the exact 95 % interval of a share, Clopper and Pearson's. They lie between 0 and 1."""
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(count, of - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 1 - tail)) if count < of else 1.0
    return low, high


def fisher_p(ours: int, of_ours: int, theirs: int, of_theirs: int) -> float:
    """Returns the two-sided p of Fisher's exact test of two counts, each of a number of seeds."""
    both = ours + theirs
    counts = np.arange(max(0, both - of_theirs), min(both, of_ours) + 1)
    chances = binom(of_ours, counts) * binom(of_theirs, both - counts) / binom(of_ours + of_theirs, both)
    return float(min(1, chances[chances <= chances[counts == ours][0] * (1 + 1e-9)].sum()))


def _verdicts(counts: dict[str, _Count], rule: Declared, *, error: float) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yields each variant with its verdicts on both questions. `error` is how often any of them may be wrong."""
    if BASELINE not in counts:  # None of the seeds that the look judges is complete.
        return
    variants, theirs = [point for point in counts if point != BASELINE], counts[BASELINE]
    ours = [counts[point] for point in variants]
    often = [fisher_p(one.learned, one.seeds, theirs.learned, theirs.seeds) for one in ours]
    changes = [difference(one.good, theirs.good) if one.learned and theirs.learned else None for one in ours]
    adjusted = holm([*often, *(nan if change is None else change.p for change in changes)])
    for turn, (point, one, change) in enumerate(zip(variants, ours, changes, strict=True)):
        more = "less" if one.share > theirs.share else "more"
        failing = f"fails {more} often" if adjusted[turn] < error else _UNDECIDED
        where = "none to compare"
        if change is not None:
            fewest = min(one.learned, theirs.learned)
            within = rule.margin is not None and _is_within(one.good, theirs.good, rule.margin, error=error)
            found = adjusted[len(variants) + turn] < error
            where = verdict(rule.sign * change.value, found=found, within=within, seeds=fewest)
            where = f"no verdict on {fewest}" if fewest < FEWEST_SEEDS else where
        yield point, (failing, where)


def _is_within(ours: Array, theirs: Array, margin: float, *, error: float) -> bool:
    values = np.full((2, max(len(ours), len(theirs))), nan)
    values[0, : len(theirs)], values[1, : len(ours)] = theirs, ours
    return bool(compare(values, method="welch").equivalence(margin)[0] < error)


def learned_sentences(table: pd.DataFrame) -> Iterator[str]:
    """Yields a sentence about each point of which some seeds did not learn, after one that explains them."""
    found = learned(table)
    if not found:
        return
    yield "Some seeds did not learn, so that means mix two groups. Beside each share is its exact 95 % interval:"
    baseline = found[0]
    yield f"baseline: {_reached(baseline)}."
    for one in found[1:]:
        if one.learned < one.seeds or baseline.learned < baseline.seeds:
            yield f"{one.point}: {_reached(one)}; {one.failing}; where it learns: {one.where_learned}."


def _reached(one: Learned) -> str:
    mean = f", mean of these {one.mean:.3g}" if one.learned else ""
    return f"{one.text} ({one.low:.2f} to {one.high:.2f}){mean}"
