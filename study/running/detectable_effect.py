"""The smallest effect that a study will probably find, before and after its first cells."""

import math
from collections.abc import Sequence
from pathlib import Path

from study.errors import StoreError
from study.inference.effects import spread
from study.inference.expected_trials import ExpectedTrials, expected_text, expected_trials
from study.inference.looks import Plan
from study.inference.power import detectable
from study.inference.t_tests import ERROR
from study.ledger import store
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.space.points import count_compared
from study.space.search_space import SearchSpace


def detectable_effect(space: SearchSpace, folder: Path) -> str:
    """Returns a line about the smallest effect that the study will probably find. `folder` is the store."""
    variants, smallest = count_compared(space), smallest_effect(space)
    if math.isinf(smallest):
        return (
            "it can never find an effect, because a test needs two seeds a point" if variants else "it has no variant"
        )
    unit = "of the pairs' differences" if space.comparison == "paired" else "of a point's seeds"
    size, deviation = f"{smallest:.2g} standard deviations {unit}", deviation_so_far(space, folder)
    if deviation is not None:
        size = f"{smallest * deviation:.2g} in {space.objective.name} ({size}, {deviation:.2g} so far)"
    noun = "variant" if variants == 1 else "variants"
    most = "up to " if space.looks else ""
    return (
        f"{variants} {noun} on {most}{space.replicates} seeds: an effect is found with 80 % probability from {size} on"
    )


def smallest_effect(space: SearchSpace) -> float:
    """Returns the smallest effect, in standard deviations, that is found with 80 % probability; infinite if none is."""
    # With looks this is what the last one alone finds.
    error = ERROR * Plan.of(space).share(len(space.looks) - 1) if space.looks else ERROR
    return detectable(seeds=space.replicates, variants=count_compared(space), method=space.comparison, error=error)


def cells_to_expect(space: SearchSpace, folder: Path) -> tuple[Sequence[ExpectedTrials], str]:
    """Returns how many cells a study with looks will probably need, and a line about it. Empty if it declares none."""
    if not space.looks:
        return [], ""
    plan, deviation = Plan.of(space), deviation_so_far(space, folder)
    expected = expected_trials(plan, variants=count_compared(space), deviation=deviation)
    return expected, expected_text(expected, plan, deviation=deviation)


def deviation_so_far(space: SearchSpace, folder: Path) -> float | None:
    """Returns the standard deviation of the study's cells so far, or None if there are too few cells."""
    ledger = ledger_so_far(space, folder)
    return spread(table(ledger)) if ledger else None


def ledger_so_far(space: SearchSpace, folder: Path) -> Ledger | None:
    """Returns the ledger of a study that has begun. None if it has not, or if its results are of other settings."""
    if space.name not in store.names(folder):
        return None
    try:
        return Ledger.read(folder, space.name, space=space)
    except StoreError:
        return None
