"""The tables of results that commands print."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from study.inference.verdict import verdict_text
from study.space.objective import Objective
from study.space.printable import printable
from study.space.trial import BASELINE, Metrics
from study.terminal import Digits, number
from study.text_table import Column, TextTable

if TYPE_CHECKING:
    from study.inference.effects import Effect, Summary
    from study.inference.factorial import Term
    from study.ledger.cell import Cell


def printable_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> TextTable:
    """Returns a table of texts; None is an empty one. No text of a user disturbs the terminal."""
    return TextTable(columns, [[_text(cell) for cell in row] for row in rows])


def _text(cell: object) -> Text:
    if isinstance(cell, Text):
        return cell
    # A text of a user may have lines of its own, but a cell of a table has one.
    return Text("" if cell is None else " ".join(printable(str(cell)).split("\n")))


def summary_table(
    rows: "Sequence[Summary]", objective: Objective, *, names: Mapping[str, str] | None = None
) -> TextTable:
    """Returns a row per point: its mean, its difference from the baseline, and their intervals.

    `names` says how each point is called, in the order of the table's rows.
    """
    names = names or {row.point: row.point for row in rows}
    columns = (
        Column("point", "name"),
        Column("seeds", rank=4),
        Column(objective.name),
        Column("95 % interval", rank=3),
        Column("difference", rank=2),
        Column("95 % interval", rank=1),
        Column("parameters", rank=5),
        Column("seconds", rank=6),
    )
    digits = Digits.of([row.mean for row in rows], halves=[row.high - row.mean for row in rows])
    variants = [row for row in rows if row.point != BASELINE]
    change = Digits.of(
        [row.difference for row in variants], halves=[row.difference_high - row.difference for row in variants]
    )
    cells = {
        row.point: (
            names[row.point],
            row.seeds,
            digits.show(row.mean),
            digits.interval(row.low, row.high),
            "" if row.point == BASELINE else change.show(row.difference, signed=True),
            "" if row.point == BASELINE else change.interval(row.difference_low, row.difference_high, signed=True),
            f"{row.parameters:,.0f}" if math.isfinite(row.parameters) else "",
            f"{row.seconds:.0f}",
        )
        for row in rows
    }
    return printable_table(columns, [cells[point] for point in names if point in cells])


def effects_table(
    rows: "Sequence[Effect]",
    metric: str,
    baseline: tuple[float, int],
    changes: Mapping[str, str],
    *,
    names: Mapping[str, str] | None = None,
) -> TextTable:
    """Returns a row per variant with difference, intervals, p and verdict, and a row of the baseline.

    `names` says how each point is called, in the order of the table's rows.
    """
    names = names or {point: point for point in (BASELINE, *(row.point for row in rows))}
    columns = (
        Column("variant", "name"),
        Column("change", "name", rank=7),
        Column(metric, rank=4),
        Column("difference", rank=2),
        Column("95 % interval", rank=1),
        Column("of all at once", rank=8),
        Column("adjusted p", rank=6),
        Column("verdict", "clauses"),
        Column("seeds", rank=5),
        Column("left out", rank=3),
    )
    change = Digits.of([row.difference for row in rows], halves=[row.high - row.difference for row in rows])
    # A mean's own interval is not in this table. Its digits are those of the differences.
    digits = Digits.of([baseline[0], *(row.mean for row in rows)], halves=[row.high - row.difference for row in rows])
    cells: dict[str, Sequence[object]] = {
        BASELINE: (names[BASELINE], "", digits.show(baseline[0]), *[""] * 5, baseline[1], "")
    }
    cells |= {
        row.point: (
            names[row.point],
            changes[row.point],
            digits.show(row.mean),
            change.show(row.difference, signed=True),
            change.interval(row.low, row.high, signed=True),
            change.interval(row.joint_low, row.joint_high, signed=True),
            _probability(row.adjusted),
            Text(verdict_text(row), style=_STYLES.get(row.verdict, "")),
            row.seeds,
            row.left_out or "",
        )
        for row in rows
    }
    return printable_table(columns, [cells[point] for point in names if point in cells])


_STYLES = {"helps": "green", "hurts": "red", "undecided": "dim"}


def terms_table(terms: "Sequence[Term]") -> TextTable:
    """Returns a row per main effect or interaction: its size and interval, or the reason why it has none."""
    columns = (
        Column("effect", "name"),
        Column("over", rank=2),
        Column("difference"),
        Column("95 % interval"),
        Column("adjusted p", rank=1),
        Column("", "name", rank=1),
    )
    differences = [term.difference for term in terms]
    digits = Digits.of([one.value for one in differences], halves=[one.high - one.value for one in differences])
    rows = [
        (
            term.name,
            f"{term.over} of {term.planned}",
            digits.show(term.difference.value, signed=True),
            digits.interval(term.difference.low, term.difference.high, signed=True),
            _probability(term.adjusted),
            term.problem,
        )
        for term in terms
    ]
    return printable_table(columns, rows)


def curve_table(curve: Sequence[Metrics], objective: str) -> TextTable:
    """Returns a row per epoch: the losses, and the objective in training and on the validation set."""
    ranks = {"loss": 3, "val_loss": 2, objective.removeprefix("val_"): 1, objective: 0}
    names = [name for name in ranks if name in curve[0]]
    rows = [
        (epoch, *(number(metrics[name], decimals=4) for name in names)) for epoch, metrics in enumerate(curve, start=1)
    ]
    return printable_table([Column("epoch"), *(Column(name, rank=ranks[name]) for name in names)], rows)


def kept_when(cell: "Cell") -> str:
    """Returns which weights of a cell were kept, as the head of their metrics says it."""
    if cell.config.best:
        return "at the best epoch"
    return "of the kept weights" if cell.result and cell.result.final else "after the last epoch"


def final_table(metrics: Metrics, test: Metrics | None = None, *, when: str = "after the last epoch") -> TextTable:
    """Returns a row per metric: in training, on the validation and, if given, the test split. `when` heads the rows."""
    names = [name for name in metrics if not name.startswith("val_")]
    by_split = {"training": {name: metrics[name] for name in names}, "validation": _validated(metrics), "test": test}
    shown = {split: values for split, values in by_split.items() if values is not None}
    rows = [(name, *(number(v[name], decimals=4) if name in v else "" for v in shown.values())) for name in names]
    return printable_table([Column(when, "name"), *map(Column, shown)], rows)


def _validated(metrics: Metrics) -> Metrics:
    return {name.removeprefix("val_"): value for name, value in metrics.items() if name.startswith("val_")}


def _probability(p: float) -> str:
    return "" if math.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"
