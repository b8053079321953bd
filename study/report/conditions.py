"""The sections about the conditions of a study: what was fixed, and which versions and machines it ran on."""

from collections.abc import Iterator

import pandas as pd

from study.inference import cell_table
from study.inference.columns import CODE, ENVIRONMENT, FIDELITY, VERSION, with_prefix
from study.inference.effects import HOW
from study.inference.mixture import mixture_sentence
from study.inference.nuisance import fixed_levels, scope_sentence
from study.report.parts import Section, Table

_BUDGET = dict(zip(FIDELITY, ("epochs", "training examples", "validation examples"), strict=True))


def fixed_section(table: pd.DataFrame) -> Section:
    """Returns what no factor varied: settings, the budget of a trial, and how points are compared."""
    rows = [*_rules(table), *budget(table), *fixed_levels(table).items()]
    scope = scope_sentence(table, budget=False)
    return Section(
        title="What was fixed",
        sentences=[scope] if scope else [],
        tables=[Table(columns=("setting", "value"), rows=rows, texts=2)],
    )


def _rules(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if task := _only(table, "task"):
        yield "task", task
    direction = "maximize" if cell_table.declared(table).sign > 0 else "minimize"
    yield "objective", f"{direction} {cell_table.objective_name(table)}"
    yield "comparison with the baseline", HOW[cell_table.declared(table).method]
    if (margin := cell_table.declared(table).margin) is not None:
        yield "margin", f"±{margin:g}"
    yield "seeds", ", ".join(map(str, sorted(cell_table.comparable(table)["seed"].unique())))
    if vary := _only(table, "vary"):
        yield "what differs between seeds", vary.replace(" ", ", ")


def budget(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yields the parts of a trial's budget: what, and how much. Several values stand side by side."""
    for column, name in _BUDGET.items():
        counts = sorted(table[column].dropna().unique()) if column in table else []
        if counts:
            yield name, " or ".join(f"{count:,.0f}" for count in counts)


def _only(table: pd.DataFrame, column: str) -> str:
    """Returns the text that all cells have in this column; empty if the table has none."""
    values = [value for value in table[column].dropna().unique() if value] if column in table else []
    return str(values[0]) if len(values) == 1 else ""


def version_section(table: pd.DataFrame) -> Section:
    """Returns the versions, the code, the devices and the threads with which the cells ran."""
    columns = {name: name for name in (*ENVIRONMENT, CODE) if name in table} | with_prefix(table, VERSION)
    rows = [(name, values) for name, column in columns.items() if (values := _values(table[column]))]
    mixed = mixture_sentence(table)
    return Section(
        title="Versions",
        sentences=[mixed] if mixed else ["All complete cells ran alike."],
        tables=[Table(columns=("part", "value"), rows=rows, texts=2)] if rows else [],
    )


def _values(column: "pd.Series[str]") -> str:
    recorded = column[column != ""].dropna()
    # A whole number of threads becomes 2.0 if another cell has none.
    return ", ".join(dict.fromkeys(f"{one:g}" if isinstance(one, float) else str(one) for one in recorded))
