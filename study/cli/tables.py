"""The tables of results that commands print."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from study.inference.verdict import verdict_text
from study.space.objective import Objective
from study.space.printable import printable
from study.space.trial import Metrics
from study.terminal import Digits, number, plain_table

if TYPE_CHECKING:
    from study.inference.effects import Effect, Summary
    from study.inference.factorial import Term
    from study.ledger.cell import Cell


def printable_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, text_columns: int = 1) -> Table:
    """Returns a plain table whose first `text_columns` columns hold texts. No text of a user disturbs the terminal."""
    printed = ([None if cell is None else printable(str(cell)) for cell in row] for row in rows)
    return plain_table(columns, printed, text_columns=text_columns)


def summary_table(rows: "Sequence[Summary]", objective: Objective) -> Table:
    """Returns a row per point: its mean, its difference from the baseline, and their intervals."""
    columns = (
        "point",
        "seeds",
        objective.name,
        "95 % interval",
        "difference",
        "95 % interval",
        "parameters",
        "seconds",
    )
    digits = Digits.of([row.mean for row in rows], halves=[row.high - row.mean for row in rows])
    change = Digits.of(
        [row.difference for row in rows if row.point != "baseline"],
        halves=[row.difference_high - row.difference for row in rows if row.point != "baseline"],
    )
    cells = [
        (
            row.point,
            row.seeds,
            digits.show(row.mean),
            digits.interval(row.low, row.high),
            "" if row.point == "baseline" else change.show(row.difference, signed=True),
            "" if row.point == "baseline" else change.interval(row.difference_low, row.difference_high, signed=True),
            f"{row.parameters:,.0f}" if math.isfinite(row.parameters) else "",
            f"{row.seconds:.0f}",
        )
        for row in rows
    ]
    return printable_table(columns, cells)


def effects_table(
    rows: "Sequence[Effect]", metric: str, baseline: tuple[float, int], changes: Mapping[str, str]
) -> Table:
    """Returns a row per variant with difference, intervals, p and verdict, below a row of the baseline."""
    columns = (
        *("variant", "change", metric, "difference", "95 % interval", "of all at once", "adjusted p", "verdict"),
        *("seeds", "left out"),
    )
    change = Digits.of([row.difference for row in rows], halves=[row.high - row.difference for row in rows])
    # A mean's own interval is not in this table. Its digits are those of the differences.
    digits = Digits.of([baseline[0], *(row.mean for row in rows)], halves=[row.high - row.difference for row in rows])
    cells: list[Sequence[object]] = [("baseline", "", digits.show(baseline[0]), "", "", "", "", "", baseline[1], "")]
    cells += [
        (
            row.point,
            changes[row.point],
            digits.show(row.mean),
            change.show(row.difference, signed=True),
            change.interval(row.low, row.high, signed=True),
            change.interval(row.joint_low, row.joint_high, signed=True),
            _probability(row.adjusted),
            verdict_text(row),
            row.seeds,
            row.left_out or "",
        )
        for row in rows
    ]
    return printable_table(columns, cells, text_columns=2)


def terms_table(terms: "Sequence[Term]") -> Table:
    """Returns a row per main effect or interaction: its size and interval, or the reason why it has none."""
    columns = ("effect", "over", "difference", "95 % interval", "adjusted p", "")
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


def curve_table(curve: Sequence[Metrics], objective: str) -> Table:
    """Returns a row per epoch: the losses, and the objective in training and on the validation set."""
    columns = ("loss", "val_loss", objective.removeprefix("val_"), objective)
    names = [name for name in dict.fromkeys(columns) if name in curve[0]]
    rows = [
        (epoch, *(number(metrics[name], decimals=4) for name in names)) for epoch, metrics in enumerate(curve, start=1)
    ]
    return printable_table(("epoch", *names), rows, text_columns=0)


def kept_when(cell: "Cell") -> str:
    """Returns which weights of a cell were kept, as the head of their metrics says it."""
    if cell.config.best:
        return "at the best epoch"
    return "of the kept weights" if cell.result and cell.result.final else "after the last epoch"


def final_table(metrics: Metrics, test: Metrics | None = None, *, when: str = "after the last epoch") -> Table:
    """Returns a row per metric: in training, on the validation and, if given, the test split. `when` heads the rows."""
    names = [name for name in metrics if not name.startswith("val_")]
    by_split = {"training": {name: metrics[name] for name in names}, "validation": _validated(metrics), "test": test}
    shown = {split: values for split, values in by_split.items() if values is not None}
    rows = [(name, *(number(v[name], decimals=4) if name in v else "" for v in shown.values())) for name in names]
    return printable_table((when, *shown), rows)


def _validated(metrics: Metrics) -> Metrics:
    return {name.removeprefix("val_"): value for name, value in metrics.items() if name.startswith("val_")}


def _probability(p: float) -> str:
    return "" if math.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"
