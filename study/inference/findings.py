"""What a study's cells show beside the comparison of its variants with the baseline, in sentences."""

from collections.abc import Iterator, Sequence

import pandas as pd

from study.inference.cell_table import (
    epoch_sentence,
    looks_sentence,
    margin_sentence,
    openings_sentence,
    revision_sentence,
)
from study.inference.dose import dose, doses, trend_sentence
from study.inference.factorial import Term, grid_sentence, is_grid, terms
from study.inference.learned import learned_sentences
from study.inference.mixture import mixture_sentence
from study.inference.nuisance import scope_sentence
from study.inference.variation import seed_variation, variation_sentence
from study.space.printable import printable


def findings(table: pd.DataFrame, *, grid: Sequence[Term] = ()) -> Iterator[str]:
    """Yields what the study shows, then its limits, then how seeds vary and what another study may do better.

    A grid over nuisance factors should be given as `at_best_nuisance` returns it. `grid` holds the grid's effects if
    they are computed already.
    """
    yield from [grid_sentence(grid or terms(table))] if is_grid(table) else _trends(table)
    yield from map(printable, learned_sentences(table))
    yield from conditions(table)
    yield from map(printable, filter(None, (variation_sentence(seed_variation(table)), openings_sentence(table))))


def _trends(table: pd.DataFrame) -> Iterator[str]:
    factors = doses(table)
    yield from (trend_sentence(dose(table, factor)) for factor in factors)
    if len(factors) > 1:
        yield f"Each of these {len(factors)} trends is tested alone: no p allows for the others."


def conditions(table: pd.DataFrame) -> Iterator[str]:
    """Yields what every conclusion is limited to: what was fixed, what did not run alike, what was revised."""
    # Levels are texts of the user's, and revisions come from other machines, too.
    about = scope_sentence(table), margin_sentence(table), mixture_sentence(table)
    later = epoch_sentence(table), looks_sentence(table), revision_sentence(table)
    yield from map(printable, filter(None, (*about, *later)))
