"""The section about verdicts: the table of `study effects`, and what stands below it."""

from collections.abc import Iterator, Sequence

import pandas as pd

from study.inference import cell_table, factorial
from study.inference.change_words import change_words
from study.inference.columns import metric_name
from study.inference.dose import dose, doses, trend_sentence
from study.inference.effect_notes import left_out_notes, table_notes
from study.inference.effects import Effect, compute_effects
from study.inference.factorial import Term, grid_sentence
from study.inference.intervals import mean_interval
from study.inference.learned import learned_sentences
from study.inference.nuisance import at_best_nuisance
from study.inference.verdict import verdict_text
from study.report.parts import Section, Table
from study.space.printable import printable
from study.space.trial import BASELINE
from study.terminal import Digits

COLUMNS = ("variant", "change", "verdict", "{metric}", "difference", "95 % interval", "of all at once", "adjusted p")


def effects_of(cells: pd.DataFrame) -> list[Effect]:
    """Returns the effects that `study effects` shows. Empty if no cell of the baseline is complete."""
    table = at_best_nuisance(cells)
    return [] if cell_table.complete(table).empty or _baseline(table).empty else compute_effects(table)


def verdict_section(cells: pd.DataFrame, effects: Sequence[Effect]) -> Section:
    """Returns what each change does, as `study effects` says it. Without a complete baseline, only the points' means.

    `cells` holds a row for each cell of one study; at least one is complete. `effects` are those of `effects_of`.
    """
    table = at_best_nuisance(cells)
    if _baseline(table).empty:
        return Section(title="Verdicts", tables=[_means_table(table)], notes=[_NO_BASELINE, *left_out_notes(cells)])
    terms = factorial.terms(table) if factorial.is_grid(table) else []
    notes = [*table_notes(effects, cell_table.declared(table)), *left_out_notes(cells)]
    tables = [_effects_table(effects, table), *([_terms_table(terms)] if terms else [])]
    return Section(
        title="Verdicts",
        sentences=[*([grid_sentence(terms)] if terms else _trends(table)), *map(printable, learned_sentences(table))],
        tables=tables,
        notes=[line for note in notes for line in note.splitlines()] + ([_TERMS] if terms else []),
    )


_NO_BASELINE = "no cell of the baseline is complete, so there is nothing to compare with"
_TERMS = (
    "main effects and interactions over all levels of the other factors: Student's t, variances may differ; "
    "intervals of each alone, p adjusted by Holm for all of these"
)


def _trends(table: pd.DataFrame) -> Iterator[str]:
    return (trend_sentence(dose(table, factor)) for factor in doses(table))


def _effects_table(effects: Sequence[Effect], table: pd.DataFrame) -> Table:
    words, halves = change_words(table), [effect.high - effect.difference for effect in effects]
    change = Digits.of([effect.difference for effect in effects], halves=halves)
    baseline = _baseline(table)
    means = Digits.of([baseline.mean(), *(effect.mean for effect in effects)], halves=halves)
    rows: list[tuple[str, ...]] = [
        ("baseline", "", "", means.show(float(baseline.mean())), "", "", "", "", str(len(baseline)), "")
    ]
    rows += [
        (
            effect.point,
            words[effect.point],
            verdict_text(effect),
            means.show(effect.mean),
            change.show(effect.difference, signed=True),
            _ends(change, effect.low, effect.high),
            _ends(change, effect.joint_low, effect.joint_high),
            probability(effect.adjusted),
            str(effect.seeds),
            str(effect.left_out or ""),
        )
        for effect in effects
    ]
    names = [name.format(metric=cell_table.objective_name(table)) for name in COLUMNS]
    verdicts = ["", *(effect.verdict for effect in effects)]
    columns = [*names, "seeds", "left out"]
    if not any(effect.left_out for effect in effects):
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    return Table(columns=columns, rows=rows, texts=3, verdicts=verdicts)


def _ends(digits: Digits, low: float, high: float) -> str:
    return digits.interval(low, high, signed=True).replace("…", "to")


def probability(p: float) -> str:
    """Returns a p as a table shows it; empty if there is none."""
    return "" if p != p else "< 0.001" if p < 0.001 else f"{p:.3f}"


def _baseline(table: pd.DataFrame) -> "pd.Series[float]":
    cells = cell_table.complete(cell_table.comparable(table))
    return cells.loc[cells["point"] == BASELINE, cell_table.objective(table)].astype(float)


def _means_table(table: pd.DataFrame) -> Table:
    groups = cell_table.complete(cell_table.comparable(table)).groupby("point", sort=False)
    column = cell_table.objective(table)
    means = {str(point): mean_interval(values, metric=metric_name(column)) for point, values in groups[column]}
    digits = Digits.of([one.mean for one in means.values()], halves=[one.high - one.mean for one in means.values()])
    sizes = groups.size()
    rows = [
        (point, digits.show(one.mean), digits.interval(one.low, one.high).replace("…", "to"), str(sizes[point]))
        for point, one in means.items()
    ]
    return Table(columns=("point", cell_table.objective_name(table), "95 % interval", "seeds"), rows=rows)


def _terms_table(terms: Sequence[Term]) -> Table:
    differences = [term.difference for term in terms]
    digits = Digits.of([one.value for one in differences], halves=[one.high - one.value for one in differences])
    rows = [
        (
            term.name,
            term.problem,
            f"{term.over} of {term.planned}",
            digits.show(term.difference.value, signed=True),
            _ends(digits, term.difference.low, term.difference.high),
            probability(term.adjusted),
        )
        for term in terms
    ]
    columns = ("effect over all other levels", "problem", "over", "difference", "95 % interval", "adjusted p")
    kept = [place for place in range(6) if place != 1 or any(term.problem for term in terms)]
    return Table(
        columns=[columns[place] for place in kept],
        rows=[[row[place] for place in kept] for row in rows],
        texts=len(kept) - 4,
    )
