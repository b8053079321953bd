"""Looks: the numbers of seeds at which a study judges its variants, and goes on with those that are undecided.

The baseline runs ahead: at each look it has the seeds that the variants will have two looks later. All variants are
compared with it, so its seeds count most. With as many as a variant has, five seeds could decide nothing among eight
variants, because no permutation of ten values is improbable enough. Pairs need both seeds, so there nothing runs ahead.
"""

from collections.abc import Sequence
from typing import NamedTuple

from study.space.hints import listed

FEWEST = 5
"""The fewest seeds of a first look. With three or four, seeds that fail at random would decide too often."""
AHEAD = 2


class Look(NamedTuple):
    """How many seeds each point has at one look."""

    variants: int
    """The seeds of each variant that is not decided yet."""
    baseline: int


def look_seeds(looks: Sequence[int], *, paired: bool) -> tuple[Look, ...]:
    """Returns the seeds at each look. With `paired` the baseline has as many as the variants."""
    ahead = 0 if paired else AHEAD
    return tuple(Look(seeds, looks[min(turn + ahead, len(looks) - 1)]) for turn, seeds in enumerate(looks))


def looks_text(looks: Sequence[Look]) -> str:
    """Returns the seeds at each look in words: `looks at 5, 8, 12 and 20 seeds, the baseline at 12, 20, 20 and 20`."""
    variants, baseline = zip(*looks, strict=True)
    ahead = f", the baseline at {seeds_text(baseline)}" if variants != baseline else ""
    return f"looks at {seeds_text(variants)} seeds{ahead}"


def seeds_text(seeds: Sequence[int]) -> str:
    """Returns numbers of seeds as a sentence lists them: `5, 8, 12 and 20`."""
    return listed(map(str, seeds))
