"""`study effects`: what each change to the baseline does."""

import argparse
from collections.abc import Sequence

import pandas as pd

from study.cli.exit_status import DONE
from study.cli.named_study import named_ledger
from study.cli.output import print_lines, print_table
from study.cli.tables import effects_table, terms_table
from study.errors import StudyError
from study.inference import cell_table, columns, factorial, nuisance
from study.inference.answer import answer
from study.inference.change_words import change_words
from study.inference.dose import point_names
from study.inference.effect_notes import left_out_notes, table_notes
from study.inference.effects import compute_effects
from study.inference.factorial import Term
from study.inference.findings import findings
from study.ledger.tables import table as ledger_table
from study.results import read_table
from study.space.trial import BASELINE


def execute(arguments: argparse.Namespace) -> int:
    """Show what each change to the baseline does: differences, intervals, verdicts."""
    cells = _cells(arguments)
    table = nuisance.at_best_nuisance(cells)
    effects = compute_effects(table)
    metric, names = cell_table.objective_name(table), point_names(table)
    print_lines(answer(cells), "")
    print_table(effects_table(effects, metric, _baseline(table), change_words(table), names=names))
    print_lines(*table_notes(effects, cell_table.declared(table)), *left_out_notes(cells))
    terms = factorial.terms(table) if factorial.is_grid(table) else []
    if terms:
        _print_terms(terms)
    print_lines(*findings(table, grid=terms))
    return DONE


def _print_terms(terms: Sequence[Term]) -> None:
    """Print the effects of a grid's factors over all levels of the other factors."""
    print()
    print_table(terms_table(terms))
    print_lines(
        "main effects and interactions over all levels of the other factors: Student's t, variances may differ;",
        "intervals of each alone, p adjusted by Holm for all of these",
        "",
    )


def _cells(arguments: argparse.Namespace) -> pd.DataFrame:
    """Returns the table of one study. If NAME is a search-space file, its present content decides the comparison."""
    if arguments.name.endswith(".toml"):
        return ledger_table(named_ledger(arguments))
    table = read_table(arguments.name, store=arguments.store)
    _check_table(table, arguments.name)
    return table


def _check_table(table: pd.DataFrame, name: str) -> None:
    if lacking := [column for column in columns.needed(columns.TABLE, "effects") if column not in table]:
        raise StudyError(f"{name}: no column {', '.join(lacking)}; `study export NAME` writes them")
    if (count := table["study"].nunique()) != 1:
        raise StudyError(f"{name}: holds {count} studies; `study effects` needs a table of one")


def _baseline(table: pd.DataFrame) -> tuple[float, int]:
    """Returns the baseline's mean, and the number of its complete cells."""
    cells = cell_table.complete(cell_table.comparable(table))
    values = cells.loc[cells["point"] == BASELINE, cell_table.objective(table)]
    return float(values.mean()), len(values)
