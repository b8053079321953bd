"""What a study's cells show beside the comparison of its variants with the baseline, a sentence each."""

from collections.abc import Iterator, Sequence

import pandas as pd

from study.inference import cell_table as tidy
from study.inference import dose, factorial, mixture, nuisance, variation
from study.inference.factorial import Term


def findings(table: pd.DataFrame, *, terms: Sequence[Term] = ()) -> Iterator[str]:
    """First what shows, then what it is limited to, then how seeds varied, and what another study may do better.

    Of a grid over nuisance factors give it as `tuned` left it; `terms` saves its effects from being computed again.
    """
    if factorial.is_grid(table):
        yield factorial.sentence(terms or factorial.terms(table))
    else:
        curves = dose.doses(table)
        yield from (dose.sentence(dose.dose(table, factor)) for factor in curves)
        if len(curves) > 1:
            yield f"Each of these {len(curves)} trends is tested alone: no p allows for the others."
    yield from conditions(table)
    yield from filter(None, (variation.sentence(variation.variation(table)), tidy.opened(table)))


def conditions(table: pd.DataFrame) -> Iterator[str]:
    """What every conclusion is limited to: what was varied and fixed, what did not run alike, what was revised."""
    yield from filter(None, (nuisance.sentence(table), mixture.sentence(table), tidy.revised(table)))
