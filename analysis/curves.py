"""How does training go at each point? Learning curves: seeds thin, their mean thick."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.drawing.caption import caption, details, interval_sentence, points_phrase
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, mean_text, metric_label, without_brackets
from analysis.drawing.line_names import LineName, name_lines
from analysis.drawing.panels import Shift, extend_limits, keep_outer_labels, legend_below, make_panels, shifted
from analysis.drawing.point_styles import PointStyle, Styles, joint_change_styles, single_change_styles
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.columns import METRIC, metric_column, metric_name, with_prefix
from study.inference.other_metric import usual_direction
from study.inference.ranking import best_first
from study.inference.selection import may_be_compared
from study.space.printable import printable
from study.space.trial import BASELINE
from study.terminal import Digits

MOST_NAMED = 6
"""Of the points that change several factors at once only so many are named: the best."""
MOST_LINES = 500
"""More curves than this share a line of their colour, and stand in an SVG as a picture."""
STEP = 4
"""Points (1/72 inch) between the intervals that stand beside the last epoch."""
LONG_LABEL = 40
"""Characters of a label. A legend with one this long has a single column."""


def draw(epochs: pd.DataFrame, *, metric: str, factor: str | None, ax: Axes) -> Axes:
    """Draws the curves of the baseline and of the points that change only this factor.

    If `factor` is None, draws the points that change several factors. The means' intervals stand beside the last
    epoch. A curve that ends early is dotted and in no mean.
    """
    means = intervals.curves(epochs, metric=metric)
    styles = _styles(epochs, means, metric=metric, factor=factor)
    _draw_seeds(epochs, styles, metric=metric, ax=ax)
    for turn, (point, look) in enumerate(_named(styles, means).items(), start=1):
        _draw_mean(means[means["point"] == point], turn=turn, look=look, ax=ax)
    _label_epochs(ax, last=float(epochs["epoch"].max()))
    ax.set_ylabel(metric_label(metric, epochs.columns).replace(" (", "\n("))
    ax.set_title(factor_label(factor) if factor else "points that change several factors", loc="left")
    return ax


def name_points(epochs: pd.DataFrame, *, metric: str, factor: str | None, ax: Axes) -> Axes:
    """Names the points at their lines' ends. Points that change several factors have a number there, and a legend.

    The panel's limits must be final.
    """
    means = intervals.curves(epochs, metric=metric)
    named = _named(_styles(epochs, means, metric=metric, factor=factor), means)
    texts = {point: look.label for point, look in named.items()}
    if factor is None and named:
        numbered = [point for point in named if point != BASELINE]
        texts |= {point: str(number) for number, point in enumerate(numbered, start=1)}
        _add_legend(named, texts, ax=ax)
    ends = means[means["epoch"] == means["epoch"].max()].set_index("point")["mean"]
    names = [LineName(texts[point], float(ends[point]), look.colour) for point, look in named.items()]
    name_lines(names, x=float(epochs["epoch"].max()), right=STEP * (len(named) + 1.5), ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each factor that some point changes alone, and one for joint changes."""
    epochs, metric = fresh(source.epochs), _chosen_metric(source)
    if not cell_table.whole_curves(epochs, metric=metric).any():
        raise FigureError(
            f"{source.name}: no curve of {metric} reaches its last epoch; `study run` runs what is missing"
        )
    alone, joint = _factors_changed_alone(epochs), _has_joint_changes(epochs)
    factors = [*alone, *([None] if joint else [])] or [None]
    figure, axes = make_panels(len(factors), height=3.4 if len(factors) == 1 else 2.6, last_fills_row=joint)
    for factor, ax in zip(factors, axes, strict=True):
        draw(epochs, metric=metric, factor=factor, ax=ax)
    for factor, ax in zip(factors, axes, strict=True):
        name_points(epochs, metric=metric, factor=factor, ax=ax)
    keep_outer_labels(axes)
    return Composed(
        made=figure,
        study=str(epochs["study"].iloc[0]),
        title=f"How does {without_brackets(metric_label(metric, epochs.columns))} develop during training?",
        answer=answer(epochs, metric=metric),
        caption=_caption(source, epochs, metric=metric),
        details=_details(source, epochs, metric=metric, joint=joint),
    )


def fresh(epochs: pd.DataFrame) -> pd.DataFrame:
    """Returns the curves that may be averaged: if a search confirmed points, only those of the fresh seeds.

    The search chose its best points because their first seeds were lucky.
    """
    return epochs[may_be_compared(epochs["phase"].fillna(""))] if "phase" in epochs else epochs


def answer(epochs: pd.DataFrame, *, metric: str) -> str:
    """Returns which point ends best, and which one is next, in a sentence."""
    means = intervals.curves(epochs, metric=metric)
    final = means[means["epoch"] == means["epoch"].max()]
    first, *others = best_first(final, direction=usual_direction(metric)).to_dict("records")[:2]
    digits = Digits.of([first["mean"]], halves=[first["high"] - first["mean"]])
    after = f"After {int(first['epoch']):,} epoch{'s' if first['epoch'] > 1 else ''}"
    before = "".join(f", before {row['point']}, {digits.show(row['mean'])}" for row in others)
    return printable(f"{after} {first['point']} is best, {mean_text(first, digits)}{before}.")


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
    rows = pd.DataFrame({"key": epochs["key"], "epoch": epochs["epoch"], "value": epochs[metric_column(metric)]})
    rows = rows.assign(point=epochs["point"], line=np.where(whole, "-", ":"))[epochs["point"].isin(styles)]
    # Thousands of curves in one line each would take a minute. Most share the colour of the background.
    by = ["point", "key"] if rows["key"].nunique() <= MOST_LINES else ["line", "colour"]
    rows = rows.assign(colour=[styles[point].colour for point in rows["point"]])
    for _, curves in rows.groupby(by, sort=False):
        first = curves.iloc[0]
        x, y = _apart(curves)
        look = {"color": first["colour"], "linewidth": 0.8, "alpha": 0.45, "rasterized": by[0] == "line"}
        ax.plot(x, y, first["line"], **look)


def _apart(curves: pd.DataFrame) -> "tuple[np.ndarray, np.ndarray]":
    """Returns epochs and values of several curves one after another, with a gap after each."""
    keys = curves["key"].to_numpy()
    ends = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    x, y = (np.insert(curves[column].to_numpy(float), ends, np.nan) for column in ("epoch", "value"))
    return x, y


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


def _named(styles: Styles, means: pd.DataFrame) -> Styles:
    """Returns the points that have a name and a mean."""
    return {point: look for point, look in styles.items() if look.label and point in set(means["point"])}


def _add_legend(named: Styles, texts: dict[str, str], *, ax: Axes) -> None:
    looks = {f"{texts[point]}: {look.label}": look.colour for point, look in named.items() if point != BASELINE}
    lines = [Line2D([], [], color=colour, linewidth=2.4) for colour in looks.values()]
    legend_below(
        ax, columns=2 if max(map(len, looks), default=0) < LONG_LABEL else 1, handles=lines, labels=list(looks)
    )


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


def _marks(epochs: pd.DataFrame, *, metric: str) -> str:
    cells = epochs.drop_duplicates("key")
    whole = cell_table.whole_curves(epochs, metric=metric)[cells.index]
    early = "" if whole.all() else f" Curves that end early: {(~whole).sum()} (dotted, in no mean)."
    marks = "Thin: seeds; thick: their means; at the right: the last epoch's 95 % Student's t intervals."
    return interval_sentence(cells[whole], marks) + early


def _caption(source: Source, epochs: pd.DataFrame, *, metric: str) -> str:
    marks = _marks(epochs, metric=metric)
    if not source.exported:
        return caption(cell_table.comparable(source.table), marks=marks)
    cells = epochs.drop_duplicates("key")
    whole = cell_table.whole_curves(epochs, metric=metric)[cells.index]
    return f"{cells['study'].iloc[0]}: {whole.sum()} whole curves ({points_phrase(cells[whole])}). {marks}"


def _details(source: Source, epochs: pd.DataFrame, *, metric: str, joint: bool) -> str:
    best = f" Of the points that change several factors only the best {MOST_NAMED} are named." if joint else ""
    if source.exported:
        return _caption(source, epochs, metric=metric) + best
    return details(cell_table.comparable(source.table), note=_marks(epochs, metric=metric) + best)


SCRIPT = FigureScript("curves", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
