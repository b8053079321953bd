"""The report of one study, made of the numbers of its table."""

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from analysis.drawing.source import Source
from study.inference import cell_table
from study.inference.answer import answer
from study.report.conditions import budget, fixed_section, version_section
from study.report.costs import cell_section, cost_section, loss_section
from study.report.parts import Report
from study.report.pictures import figure_section
from study.report.question import question
from study.report.redo import redo_section
from study.report.threats import threat_section
from study.report.verdicts import effects_of, verdict_section
from study.terminal import duration


def make_report(source: Source) -> Report:
    """Returns the report of a study that has a complete cell. The same results give the same report.

    Raises FigureError if the source has no complete cell, or lacks columns that every figure needs.
    """
    table, space = source.table, source.space
    effects = effects_of(table)
    return Report(
        study=str(table["study"].iloc[0]),
        question=space.description if space and space.description else question(table),
        answer=answer(table, effects=effects),
        facts=list(_facts(table)),
        sections=[
            verdict_section(table, effects),
            figure_section(source),
            fixed_section(table),
            loss_section(table),
            cost_section(table),
            threat_section(table, effects),
            version_section(table),
            redo_section(source.name, space),
            cell_section(table),
        ],
    )


def _facts(table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Yields what a reader wants to know first: how many cells, on which budget, at which cost."""
    used = cell_table.complete(cell_table.comparable(table))
    yield "cells", cell_table.counts_text(dict(Counter(table["state"]).most_common()))
    seeds = sorted({int(number) for number in used.groupby("point").size()})
    yield (
        "points × seeds",
        f"{used['point'].nunique():,} × {' to '.join(map(str, dict.fromkeys([seeds[0], seeds[-1]])))}",
    )
    yield "a trial", ", ".join(f"{value} {name}" for name, value in budget(table))
    if "seconds" in table and table["seconds"].notna().any():
        yield "training time", duration(float(table["seconds"].sum()))
