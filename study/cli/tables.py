"""The tables of results that commands print."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table

from study.space.objective import Objective
from study.space.trial import Metrics
from study.terminal import plain_table

if TYPE_CHECKING:
    from study.inference.conclusions import Effect, Summary
    from study.inference.factorial import Term


def summary_table(rows: "Sequence[Summary]", objective: Objective) -> Table:
    """Returns a row per point: its mean, its difference from the baseline, and their intervals."""
    columns = (
        "point",
        "seeds",
        objective.metric,
        "95 % interval",
        "difference",
        "95 % interval",
        "parameters",
        "seconds",
    )
    cells = [
        (
            row.point,
            row.seeds,
            _number(row.mean),
            _interval(row.low, row.high),
            "" if row.point == "baseline" else _number(row.difference, signed=True),
            "" if row.point == "baseline" else _interval(row.difference_low, row.difference_high, signed=True),
            f"{row.parameters:,.0f}" if math.isfinite(row.parameters) else "",
            f"{row.seconds:.0f}",
        )
        for row in rows
    ]
    return plain_table(columns, cells)


def effects_table(
    rows: "Sequence[Effect]", metric: str, baseline: tuple[float, int], changes: Mapping[str, str]
) -> Table:
    """Returns a row per variant with difference, intervals, p and verdict, below a row of the baseline."""
    columns = (
        *("variant", "change", metric, "difference", "95 % interval", "of all at once", "adjusted p", "verdict"),
        *("seeds", "left out"),
    )
    cells: list[Sequence[object]] = [("baseline", "", _number(baseline[0]), "", "", "", "", "", baseline[1], "")]
    cells += [
        (
            row.point,
            changes[row.point],
            _number(row.mean),
            _number(row.difference, signed=True),
            _interval(row.low, row.high, signed=True),
            _interval(row.joint_low, row.joint_high, signed=True),
            "" if math.isnan(row.adjusted) else "< 0.001" if row.adjusted < 0.001 else _number(row.adjusted),
            _verdict(row),
            row.seeds,
            row.left_out or "",
        )
        for row in rows
    ]
    return plain_table(columns, cells, text_columns=2)


def _verdict(row: "Effect") -> str:
    if row.verdict == "confounded":
        return row.verdict
    if row.verdict != "undecided":
        return row.verdict + (", within the margin" if row.within and row.verdict != "no difference" else "")
    if math.isnan(row.p):
        return f"no test: {min(row.tested, row.baseline_seeds) or 'no'} seed"
    if math.isnan(row.low):
        return "undecided (no seed differs)"
    return f"undecided ({row.deciding:,.0f} seeds)" if math.isfinite(row.deciding) else "undecided (over 1,000 seeds)"


def terms_table(terms: "Sequence[Term]") -> Table:
    """Returns a row per main effect or interaction: its size and interval, or the reason why it has none."""
    columns = ("effect", "over", "difference", "95 % interval", "adjusted p", "")
    rows = [
        (
            term.name,
            f"{term.over} of {term.planned}",
            _number(term.difference.value, signed=True),
            _interval(term.difference.low, term.difference.high, signed=True),
            "" if math.isnan(term.adjusted) else "< 0.001" if term.adjusted < 0.001 else _number(term.adjusted),
            term.problem,
        )
        for term in terms
    ]
    return plain_table(columns, rows)


def curve_table(curve: Sequence[Metrics], objective: str) -> Table:
    """Returns a row per epoch: the losses, and the objective in training and on the validation set."""
    columns = ("loss", "val_loss", objective.removeprefix("val_"), objective)
    names = [name for name in dict.fromkeys(columns) if name in curve[0]]
    rows = [(epoch, *(f"{metrics[name]:.4f}" for name in names)) for epoch, metrics in enumerate(curve, start=1)]
    return plain_table(("epoch", *names), rows, text_columns=0)


def final_table(metrics: Metrics, test: Metrics | None = None) -> Table:
    """Returns a row per metric after the last epoch: in training, on the validation and, if given, the test split."""
    names = [name for name in metrics if not name.startswith("val_")]
    by_split = {"training": {name: metrics[name] for name in names}, "validation": _validated(metrics), "test": test}
    shown = {split: values for split, values in by_split.items() if values is not None}
    rows = [(name, *(f"{v[name]:.4f}" if name in v else "" for v in shown.values())) for name in names]
    return plain_table(("after the last epoch", *shown), rows)


def _validated(metrics: Metrics) -> Metrics:
    return {name.removeprefix("val_"): value for name, value in metrics.items() if name.startswith("val_")}


def _number(value: float, *, signed: bool = False) -> str:
    return ("" if math.isnan(value) else f"{value:+.3f}" if signed else f"{value:.3f}").replace("-", "−")


def _interval(low: float, high: float, *, signed: bool = False) -> str:
    return "" if math.isnan(low) else f"{_number(low, signed=signed)} … {_number(high, signed=signed)}"
