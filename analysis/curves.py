"""How does training go at each point? Learning curves: seeds thin, their mean thick."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.drawing.caption import details, interval_sentence, points_phrase
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, metric_label, without_brackets
from analysis.drawing.panels import (
    Shift,
    extend_limits,
    keep_outer_labels,
    legend_below,
    make_panels,
    shifted,
)
from analysis.drawing.point_styles import PointStyle, Styles, joint_change_styles, single_change_styles
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.columns import METRIC, metric_column, metric_name, with_prefix
from study.inference.other_metric import usual_direction
from study.inference.ranking import best_first

MOST_NAMED = 6
"""Of the points that change several factors at once only so many are named: the best."""
STEP = 5
"""Points (1/72 inch) between the intervals that stand beside the last epoch."""
LONG_LABEL = 62
"""Characters of a label. A legend with one this long has a single column."""


def draw(epochs: pd.DataFrame, *, metric: str, factor: str | None, ax: Axes) -> Axes:
    """Draws the curves of the baseline and of the points that change only this factor.

    If `factor` is None, draws the points that change several factors. The means' intervals stand beside the last
    epoch. A curve that ends early is dotted and in no mean.
    """
    means = intervals.curves(epochs, metric=metric)
    styles = _styles(epochs, means, metric=metric, factor=factor)
    _draw_seeds(epochs, styles, metric=metric, ax=ax)
    named = [point for point, look in styles.items() if look.label and point in set(means["point"])]
    for turn, point in enumerate(named, start=1):
        _draw_mean(means[means["point"] == point], turn=turn, look=styles[point], ax=ax)
    _label_epochs(ax, last=float(epochs["epoch"].max()))
    ax.set_ylabel(metric_label(metric, epochs.columns))
    if named:
        _add_legend(factor, ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each factor that some point changes alone, and one for joint changes."""
    epochs = source.epochs
    metric = _chosen_metric(source)
    if not cell_table.whole_curves(epochs, metric=metric).any():
        raise FigureError(
            f"{source.name}: no curve of {metric} reaches its last epoch; `study run` runs what is missing"
        )
    alone, joint = _factors_changed_alone(epochs), _has_joint_changes(epochs)
    factors = [*alone, *([None] if joint else [])] or [None]
    figure, axes = make_panels(len(factors), height=3.6 if len(factors) == 1 else 2.9, last_fills_row=joint)
    for factor, ax in zip(factors, axes, strict=True):
        draw(epochs, metric=metric, factor=factor, ax=ax)
    keep_outer_labels(axes)
    title = f"How does {without_brackets(metric_label(metric, epochs.columns))} develop during training?"
    return Composed(
        made=figure,
        study=str(epochs["study"].iloc[0]),
        title=title,
        caption=_caption(source, metric=metric, joint=joint),
    )


def _factors_changed_alone(epochs: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(factor for change in changes(epochs).values() if len(change) == 1 for factor in change))


def _has_joint_changes(epochs: pd.DataFrame) -> bool:
    return any(len(change) > 1 for change in changes(epochs).values())


def _styles(epochs: pd.DataFrame, means: pd.DataFrame, *, metric: str, factor: str | None) -> Styles:
    by_point = changes(epochs)
    if factor:
        return single_change_styles(by_point, factor=factor)
    joint = [point for point, change in by_point.items() if len(change) > 1]
    final = means[(means["epoch"] == epochs["epoch"].max()) & means["point"].isin(joint)]
    # An epochs table has no direction.
    best = [str(point) for point in best_first(final, direction=usual_direction(metric))["point"]][:MOST_NAMED]
    background = {point: PointStyle(style().grey, "") for point in joint if point not in best}
    return background | joint_change_styles({point: by_point[point] for point in best})


def _draw_seeds(epochs: pd.DataFrame, styles: Styles, *, metric: str, ax: Axes) -> None:
    whole = cell_table.whole_curves(epochs, metric=metric)
    for (point, _), curve in epochs.groupby(["point", "key"], sort=False):
        if point in styles:
            line = "-" if whole[curve.index[0]] else ":"
            values = curve[metric_column(metric)]
            ax.plot(curve["epoch"], values, line, color=styles[point].colour, linewidth=0.8, alpha=0.45)


def _draw_mean(mean: pd.DataFrame, *, turn: int, look: PointStyle, ax: Axes) -> None:
    """Draws a point's mean curve. `turn` says how far its interval stands from the last epoch."""
    ax.plot(mean["epoch"], mean["mean"], color=look.colour, linewidth=2.4, label=look.label)
    last, *ends = map(float, mean[["epoch", "low", "high"]].to_numpy()[-1])
    if np.isfinite(ends).all():
        beside = shifted(ax, Shift(right=STEP * turn))
        ax.plot([last] * 2, ends, color=look.colour, linewidth=1.8, transform=beside, clip_on=False)
        extend_limits(ax, last, ends)


def _label_epochs(ax: Axes, *, last: float) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.set_xlim(1 if last > 1 else 0.5, last)
    ax.set_xlabel("epoch")


def _add_legend(factor: str | None, *, ax: Axes) -> None:
    """Adds a legend: inside the panel for levels, below it for joint changes, whose labels are too long for it."""
    if factor:
        ax.legend(title=factor_label(factor), framealpha=0.8)
        return
    ax.set_title("Points that change several factors", loc="left")
    longest = max((len(label) for label in ax.get_legend_handles_labels()[1]), default=0)
    legend_below(ax, columns=2 if longest < LONG_LABEL else 1)


def _chosen_metric(source: Source) -> str:
    """Returns the metric asked for, else the objective.

    An epochs export does not name the objective. Then the validation accuracy or another validation metric is taken.
    """
    metric, metrics = source.metric, list(with_prefix(source.epochs, METRIC))
    if metric is not None and metric not in metrics:
        raise FigureError(f"{source.name}: no metric {metric!r}; there are: {', '.join(metrics)}")
    if not metrics:
        raise FigureError(f"{source.name}: no column metric.…; curves need `study export NAME --epochs`")
    if metric is None and not source.exported:
        return metric_name(cell_table.objective(source.table))
    preferred = ["val_acc", *(name for name in metrics if name.startswith("val_")), *metrics]
    return metric or next(name for name in preferred if name in metrics)


def _caption(source: Source, *, metric: str, joint: bool) -> str:
    cells = source.epochs.drop_duplicates("key")
    whole = cell_table.whole_curves(source.epochs, metric=metric)[cells.index]
    marks = "Thin: seeds; thick: their means; bars at the right: the last epoch's 95 % Student's t intervals."
    parts = [
        interval_sentence(cells[whole], marks),
        "" if whole.all() else f"Curves that end early: {(~whole).sum()} (dotted, in no mean).",
        f"Of the points that change several factors only the best {MOST_NAMED} are named." if joint else "",
    ]
    note = " ".join(part for part in parts if part)
    if not source.exported:
        return details(source.table, note=note)
    return f"{cells['study'].iloc[0]}: {whole.sum()} whole curves ({points_phrase(cells[whole])}). {note}"


SCRIPT = FigureScript("curves", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
