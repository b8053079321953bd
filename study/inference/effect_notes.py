"""The lines below the table of effects. They explain how to read it."""

import math
from collections.abc import Iterator, Sequence

import pandas as pd

from study.inference import cell_table
from study.inference.cell_table import Declared
from study.inference.effects import HOW, Effect
from study.inference.t_tests import ERROR
from study.inference.verdict import verdict_text
from study.inference.verdict_rule import ENOUGH_SEEDS
from study.space.looks import look_seeds, looks_text


def table_notes(effects: Sequence[Effect], declared: Declared) -> Iterator[str]:
    """Yields a line about each kind of number in the table."""
    yield _test_note(sum(not math.isnan(effect.p) for effect in effects), HOW[declared.method])
    if declared.method == "welch" and not declared.looks:
        yield from _stricter_notes(effects)
    if declared.looks:
        yield _look_note(declared)
    if declared.margin is not None:
        yield f"no difference: within ±{declared.margin:g} by two one-sided tests, 5 % for each variant alone"
    if few := [effect for effect in effects if effect.p < 1 and effect.fewest_seeds < ENOUGH_SEEDS]:
        yield _few_seeds_note(any(effect.verdict in ("looks better", "looks worse") for effect in few))
    undecided = [effect for effect in effects if "undecided (" in verdict_text(effect) and not effect.look]
    if any(math.isfinite(effect.deciding) for effect in undecided):
        found = "is found" if declared.margin is None else "is found, or is found not to matter,"
        yield f"undecided (n seeds): with n seeds a point, a true difference of this size {found} with 80 % probability"
    if declared.margin is None and any("over 1,000 seeds" in verdict_text(effect) for effect in undecided):
        yield "over 1,000 seeds: a difference this small can only be shown not to matter; declare a `margin`"
    if declared.method == "paired" and (incomplete := _incomplete_pairs(effects)):
        yield f"fewer pairs than seeds: {'; '.join(incomplete)}"


def _stricter_notes(effects: Sequence[Effect]) -> Iterator[str]:
    """Yields a line about each reason for which a p is larger, or an interval wider, than by Welch's t alone."""
    if any(effect.tested != effect.baseline_seeds for effect in effects if not math.isnan(effect.p)):
        yield "seeds differ in number: t has at most 2·n − 2 degrees of freedom, n being the smaller number"
    apart = [effect for effect in effects if effect.joint_low > 0 or effect.joint_high < 0]
    if any(effect.verdict == "undecided" and effect.adjusted >= ERROR for effect in apart):
        yield "undecided though its interval excludes 0: the exact permutation test, which guards t, does not find it"


def _look_note(declared: Declared) -> str:
    looks = look_seeds(declared.looks, paired=declared.method == "paired")
    return (
        f"{looks_text(looks)}: verdicts are given at looks, and p and intervals allow for all of them\n"
        "given up: any verdict by the last look is improbable (below 10 %), so it gets no more seeds"
    )


def _few_seeds_note(looks: bool) -> str:
    if looks:
        return f"looks better, looks worse: adjusted p < 0.05; a sure verdict needs {ENOUGH_SEEDS} seeds at both points"
    return f"a sure verdict needs {ENOUGH_SEEDS} seeds at both points"


def _test_note(tested: int, how: str) -> str:
    if not tested:
        return "nothing is tested, because a test needs two seeds at the baseline and at a variant"
    if tested == 1:
        return f"difference from the baseline: {how}; 95 % intervals"
    return (
        f"differences from the baseline: {how}; 95 % intervals of each alone, and of all {tested} at once\n"
        f"p adjusted for {tested} variants by step-down, 5 % for all together; a verdict by it can be sharper than "
        "the interval of all"
    )


def _incomplete_pairs(effects: Sequence[Effect]) -> list[str]:
    return [
        f"{effect.point} {effect.tested}"
        for effect in effects
        if effect.tested < max(effect.seeds, effect.baseline_seeds)
    ]


def left_out_notes(table: pd.DataFrame) -> Iterator[str]:
    """Yields a line about each kind of cell that no mean contains, and lines about the bias that this causes."""
    cells = cell_table.comparable(table)
    left_out = cell_table.left_out(cells)
    if left_out:
        yield f"in no mean: {cell_table.counts_text(left_out)}"
    if absent := _points_without_a_mean(cells):
        yield f"not in the table, because none of their cells is complete: {'; '.join(absent)}"
    if (cell_table.BIASING & left_out.keys()) - {"pruned"}:
        yield "these means contain only cells that went well, so they flatter a point at which many cells do not"
    if len(cells) < len(table):
        yield from _search_notes(table, pruned="pruned" in left_out)


def _points_without_a_mean(cells: pd.DataFrame) -> list[str]:
    complete = set(cell_table.complete(cells)["point"])
    return [str(point) for point in cells["point"].unique() if point not in complete]


def _search_notes(table: pd.DataFrame, *, pruned: bool) -> Iterator[str]:
    if pruned:
        yield "later seeds of a point are pruned if its first ones look bad, so the mean of the first ones is too low"
    searched = cell_table.search_history(table)
    early = cell_table.left_out(searched)
    ended = f", {cell_table.counts_text(early)}" if early else ""
    yield (
        f"these are the best of a search of {len(searched)} trials{ended}, on fresh seeds; "
        "no mean contains its own values"
    )
