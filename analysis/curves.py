"""How does training go at each point? Learning curves: seeds thin, their mean thick."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis.drawing.caption import caption, details, interval_sentence, points_phrase
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, mean_text, without_brackets
from analysis.drawing.line_names import LineName, name_lines
from analysis.drawing.panels import Shift, extend_limits, keep_outer_labels, legend_below, make_panels, shifted
from analysis.drawing.point_styles import PointStyle, Styles
from analysis.drawing.source import FigureError, Source
from analysis.point_curves import MOST_NAMED, PointCurves
from study.inference import cell_table
from study.inference.columns import METRIC, metric_column, metric_name, with_prefix
from study.space.printable import printable
from study.space.trial import BASELINE
from study.terminal import Digits

MOST_LINES = 500
"""More curves than this share a line of their colour, and stand in an SVG as a picture."""
STEP = 4
"""Points (1/72 inch) between the intervals that stand beside the last epoch."""
LONG_LABEL = 40
"""Characters of a label. A legend with one this long has a single column."""


def draw(curves: PointCurves, *, factor: str | None, ax: Axes) -> Axes:
    """Draws the curves of the baseline and of the points that change only this factor.

    If `factor` is None, draws the points that change several factors. The means' intervals stand beside the last
    epoch. A curve that ends early is dotted and in no mean.
    """
    _draw_seeds(curves, curves.styles(factor), ax=ax)
    means = curves.means.groupby("point")
    for turn, (point, look) in enumerate(_named(curves, factor).items(), start=1):
        _draw_mean(means.get_group(point), turn=turn, look=look, ax=ax)
    _label_epochs(ax, last=float(curves.last_epoch))
    ax.set_ylabel(curves.label.replace(" (", "\n("))
    ax.set_title(factor_label(factor) if factor else "points that change several factors", loc="left")
    return ax


def name_points(curves: PointCurves, *, factor: str | None, ax: Axes) -> Axes:
    """Names the points at their lines' ends. Points that change several factors have a number there, and a legend.

    The panel's limits must be final.
    """
    named = _named(curves, factor)
    texts = {point: look.label for point, look in named.items()}
    if factor is None and named:
        numbered = [point for point in named if point != BASELINE]
        texts |= {point: str(number) for number, point in enumerate(numbered, start=1)}
        _add_legend(named, texts, ax=ax)
    ends = curves.ranked.set_index("point")["mean"]
    names = [LineName(texts[point], float(ends[point]), look.colour) for point, look in named.items()]
    name_lines(names, x=float(curves.last_epoch), right=STEP * (len(named) + 1.5), ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure: a panel for each factor that some point changes alone, and one for joint changes."""
    curves = PointCurves.of(source.epochs, metric=_chosen_metric(source))
    if not curves.whole.any():
        raise FigureError(
            f"{source.name}: no curve of {curves.metric} reaches its last epoch; `study run` runs what is missing"
        )
    panels = curves.panels
    height = 3.4 if len(panels) == 1 else 2.6
    figure, axes = make_panels(len(panels), height=height, last_fills_row=curves.has_joint_changes)
    for factor, ax in zip(panels, axes, strict=True):
        draw(curves, factor=factor, ax=ax)
    for factor, ax in zip(panels, axes, strict=True):
        name_points(curves, factor=factor, ax=ax)
    keep_outer_labels(axes)
    return Composed(
        made=figure,
        study=str(curves.epochs["study"].iloc[0]),
        title=f"How does {without_brackets(curves.label)} develop during training?",
        answer=answer(curves),
        caption=_caption(source, curves),
        details=_details(source, curves),
    )


def answer(curves: PointCurves) -> str:
    """Returns which point ends best, and which one is next, in a sentence."""
    first, *others = curves.ranked.head(2).to_dict("records")
    digits = Digits.of([first["mean"]], halves=[first["high"] - first["mean"]])
    after = f"After {int(first['epoch']):,} epoch{'s' if first['epoch'] > 1 else ''}"
    before = "".join(f", before {row['point']}, {digits.show(row['mean'])}" for row in others)
    return printable(f"{after} {first['point']} is best, {mean_text(first, digits)}{before}.")


def _draw_seeds(curves: PointCurves, styles: Styles, *, ax: Axes) -> None:
    epochs, values = curves.epochs, curves.epochs[metric_column(curves.metric)]
    rows = pd.DataFrame({"key": epochs["key"], "epoch": epochs["epoch"], "value": values})
    rows = rows.assign(point=epochs["point"], line=np.where(curves.whole, "-", ":"))[epochs["point"].isin(styles)]
    # Thousands of curves in one line each would take a minute. Most share the colour of the background.
    by = ["point", "key"] if rows["key"].nunique() <= MOST_LINES else ["line", "colour"]
    rows = rows.assign(colour=[styles[point].colour for point in rows["point"]])
    for _, lines in rows.groupby(by, sort=False):
        first = lines.iloc[0]
        x, y = _apart(lines)
        look = {"color": first["colour"], "linewidth": 0.8, "alpha": 0.45, "rasterized": by[0] == "line"}
        ax.plot(x, y, first["line"], **look)


def _apart(lines: pd.DataFrame) -> "tuple[np.ndarray, np.ndarray]":
    """Returns epochs and values of several curves one after another, with a gap after each."""
    keys = lines["key"].to_numpy()
    ends = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    x, y = (np.insert(lines[column].to_numpy(float), ends, np.nan) for column in ("epoch", "value"))
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


def _named(curves: PointCurves, factor: str | None) -> Styles:
    """Returns the points that have a name and a mean."""
    with_mean = {*curves.ranked["point"]}
    return {point: look for point, look in curves.styles(factor).items() if look.label and point in with_mean}


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


def _marks(curves: PointCurves) -> str:
    whole = curves.whole[curves.cells.index]
    early = "" if whole.all() else f" Curves that end early: {(~whole).sum()} (dotted, in no mean)."
    marks = "Thin: seeds; thick: their means; at the right: the last epoch's 95 % Student's t intervals."
    return interval_sentence(curves.cells[whole], marks) + early


def _caption(source: Source, curves: PointCurves) -> str:
    marks = _marks(curves)
    if not source.exported:
        return caption(cell_table.comparable(source.table), marks=marks)
    cells, whole = curves.cells, curves.whole[curves.cells.index]
    return f"{cells['study'].iloc[0]}: {whole.sum()} whole curves ({points_phrase(cells[whole])}). {marks}"


def _details(source: Source, curves: PointCurves) -> str:
    best = (
        f" Where not all points of a panel have a name, the best {MOST_NAMED} have one." if _is_crowded(curves) else ""
    )
    if source.exported:
        return _caption(source, curves) + best
    return details(cell_table.comparable(source.table), note=_marks(curves) + best)


def _is_crowded(curves: PointCurves) -> bool:
    return any(not look.label for factor in curves.panels for look in curves.styles(factor).values())


SCRIPT = FigureScript("curves", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
