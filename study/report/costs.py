"""The sections about cells: what they cost, which are in no mean, and all of them."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import pandas as pd

from study.inference import cell_table
from study.inference.columns import level_column
from study.inference.effect_notes import left_out_notes
from study.report.parts import Section, Table
from study.space.objective import COSTS
from study.space.printable import printable_line
from study.task import describe, plain
from study.terminal import Digits, duration, large_number

MOST_CELLS = 1000
"""The most cells of a table of cells. The others are in `study export`."""
_LONGEST = 160
"""Characters of a reason."""


def cost_section(table: pd.DataFrame) -> Section:
    """Returns what a trial of each point cost, and what all of them cost together."""
    known = [column for column in COSTS if column in table and table[column].notna().any()]
    spent: list[float] = table["seconds"].dropna().tolist() if "seconds" in known else []
    total = f"The last trials of {len(spent):,} cells took {duration(sum(spent))} together."
    rows = list(_cost_rows(cell_table.comparable(table), known))
    columns = ["point", "trials", *(_HEADS[column] for column in known)]
    return Section(
        title="What it cost",
        sentences=[total] if len(spent) else ["The table has no seconds."],
        tables=[Table(columns=columns, rows=rows[:MOST_CELLS])] if known else [],
        notes=["means over the trials of a point; FLOPs of one example, forwards"] if "flops" in known else [],
    )


_HEADS = {"parameters": "parameters", "flops": "FLOPs", "seconds": "seconds a trial"}


def _cost_rows(cells: pd.DataFrame, known: Sequence[str]) -> Iterator[list[str]]:
    if not known:
        return
    groups = cells.groupby("point", sort=False)
    means, counts = groups[list(known)].mean(), groups["seconds" if "seconds" in known else known[0]].count()
    for point, row in zip(means.index, means.to_dict("records"), strict=True):
        yield [str(point), str(counts[point]), *(_cost(column, row[column]) for column in known)]


def _cost(column: str, value: float) -> str:
    if not isfinite(value):
        return ""
    return large_number(value) if column == "flops" else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def loss_section(table: pd.DataFrame) -> Section:
    """Returns which cells are in no mean, and why."""
    lost = table.drop(index=cell_table.complete(table).index)
    notes = list(left_out_notes(table))
    rows = [
        (str(cell["point"]), str(cell["state"]), str(cell["seed"]), printable_line(_text(cell), most=_LONGEST))
        for cell in lost.head(MOST_CELLS).to_dict("records")
    ]
    return Section(
        title="What was left out",
        sentences=[f"{note[0].upper()}{note[1:]}." for note in notes] or ["No cell was left out."],
        tables=[_left_out_table(rows)] if rows else [],
    )


def _left_out_table(rows: Sequence[Sequence[str]]) -> Table:
    folded = f"{len(rows):,} cells that are in no mean" if len(rows) > 12 else ""
    return Table(columns=("point", "state", "seed", "reason"), rows=rows, texts=4, folded=folded)


def _text(cell: Mapping[Any, Any]) -> str:
    reason = cell.get("reason")
    return reason if isinstance(reason, str) else ""


def cell_section(table: pd.DataFrame) -> Section:
    """Returns every cell with its levels and its objective, a row each."""
    shown = table.head(MOST_CELLS)
    value = shown[cell_table.objective(table)].astype(float)
    digits = Digits.of(value.dropna(), decimals=4)
    factors = cell_table.varied(table)
    columns = ["point", "state", *factors, "seed", cell_table.objective_name(table)]
    levels = [shown[level_column(factor)].map(lambda level: describe(plain(level))) for factor in factors]
    rows = [
        [str(point), str(state), *each, str(seed), digits.show(number)]
        for point, state, seed, number, *each in zip(
            shown["point"], shown["state"], shown["seed"], value, *levels, strict=True
        )
    ]
    rest = (
        f"the first {len(shown):,} of {len(table):,} cells" if len(shown) < len(table) else f"all {len(table):,} cells"
    )
    return Section(
        title="Every cell",
        tables=[Table(columns=columns, rows=rows, texts=2 + len(factors), folded=rest)],
        notes=["`study export` writes every cell with every metric, and with --epochs every epoch"],
    )
