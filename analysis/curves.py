"""How does training go at each point? Learning curves: seeds thin, their mean thick."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.figure import (
    FigureError,
    caption,
    entitle,
    interval_words,
    keep_outer_labels,
    make_room,
    moved,
    name_below,
    panels,
    points_words,
)
from analysis.script import Script, Source
from analysis.words import GREY, INK, colours, factor_words, level_words, metric_words, numbers, point_words, short
from study.inference import cell_table as tidy
from study.inference import intervals
from study.inference.cell_table import BASELINE
from study.inference.columns import METRIC, metric_column, metric_name, with_prefix

MOST_JOINT = 6
"""Of the points that change several factors at once, so many are told apart: the best."""
STEP = 5
"""Points (1/72 inch) between the intervals that stand beside the last epoch."""
WIDE = 62
"""Letters of a name with which two stand beside each other no more."""
Looks = dict[str, tuple[str, str]]
"""Of each point to draw: its colour, and its name in the legend, empty where it stays in the background."""


def draw(epochs: pd.DataFrame, *, metric: str, factor: str | None, ax: Axes) -> Axes:
    """The curves of the baseline and of the points that change this factor alone; None: those that change several.

    Beside the last epoch stand the means' intervals; a curve that ends early is dotted and in no mean.
    """
    means = intervals.curves(epochs, metric=metric)
    looks = _levels(epochs, factor=factor) if factor else _joint(epochs, means, metric=metric)
    whole = tidy.whole_curves(epochs, metric=metric)
    for (point, _), curve in epochs.groupby(["point", "key"], sort=False):
        if point in looks:
            style = "-" if whole[curve.index[0]] else ":"
            values = curve[metric_column(metric)]
            ax.plot(curve["epoch"], values, style, color=looks[point][0], linewidth=0.8, alpha=0.45)
    told = {point: look for point, look in looks.items() if look[1] and point in set(means["point"])}
    for turn, (point, (colour, label)) in enumerate(told.items(), start=1):
        _draw_mean(means[means["point"] == point], turn=turn, colour=colour, label=label, ax=ax)
    _label(ax, last=float(epochs["epoch"].max()))
    ax.set_ylabel(metric_words(metric, epochs.columns))
    if not told:
        return ax
    if factor:
        ax.legend(title=factor_words(factor), framealpha=0.8)
    else:
        _name_below(ax)
    return ax


def compose(source: Source, *, metric: str | None = None) -> tuple[Figure, str]:
    """A panel for each factor that some point changes alone, and one for the points that change several at once."""
    epochs = source.epochs
    metric = _chosen(source, metric)
    if not tidy.whole_curves(epochs, metric=metric).any():
        raise FigureError(
            f"{source.name}: no curve of {metric} reaches its last epoch; `study run` runs what is missing"
        )
    changes = [tidy.changed(point) for point in epochs["point"].unique()]
    alone = list(dict.fromkeys(factor for change in changes if len(change) == 1 for factor in change))
    joint: list[str | None] = [None] if any(len(change) > 1 for change in changes) else []
    factors = [*alone, *joint] or [None]
    figure, axes = panels(len(factors), height=5.2 if len(factors) == 1 else 3.9, wide=bool(joint))
    for factor, ax in zip(factors, axes, strict=True):
        draw(epochs, metric=metric, factor=factor, ax=ax)
    keep_outer_labels(axes)
    title = f"How does {short(metric_words(metric, epochs.columns))} develop during training?"
    entitle(figure, title=title, caption=_caption(source, metric=metric, joint=bool(joint)))
    return figure, str(epochs["study"].iloc[0])


def _levels(epochs: pd.DataFrame, *, factor: str) -> Looks:
    points = [str(point) for point in epochs["point"].unique()]
    palette = colours(points, factor=factor)
    named = {point: change[factor] for point in points if list(change := tidy.changed(point)) == [factor]}
    if numbers(named.values()) is not None:
        named = dict(sorted(named.items(), key=lambda item: float(item[1])))
    levels = {point: (palette[level], level_words(level)) for point, level in named.items()}
    return {BASELINE: (INK, BASELINE)} | levels


def _joint(epochs: pd.DataFrame, means: pd.DataFrame, *, metric: str) -> Looks:
    joint = [str(point) for point in epochs["point"].unique() if len(tidy.changed(str(point))) > 1]
    final = means[(means["epoch"] == epochs["epoch"].max()) & means["point"].isin(joint)]
    # An epochs table has no direction; only what is called a loss is taken to be better when small.
    best = list(final.sort_values("mean", ascending=metric.endswith("loss"))["point"].head(MOST_JOINT))
    shades = sns.color_palette("colorblind").as_hex()
    told = {point: (shades[turn], point_words(point)) for turn, point in enumerate(best)}
    return {point: (GREY, "") for point in joint if point not in told} | {BASELINE: (INK, BASELINE)} | told


def _draw_mean(mean: pd.DataFrame, *, turn: int, colour: str, label: str, ax: Axes) -> None:
    ax.plot(mean["epoch"], mean["mean"], color=colour, linewidth=2.4, label=label)
    last, *ends = map(float, mean[["epoch", "low", "high"]].to_numpy()[-1])
    if np.isfinite(ends).all():
        aside = moved(ax, (STEP * turn, 0))
        ax.plot([last] * 2, ends, color=colour, linewidth=1.8, transform=aside, clip_on=False)
        make_room(ax, last, ends)


def _label(ax: Axes, *, last: float) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.set_xlim(1 if last > 1 else 0.5, last)
    ax.set_xlabel("epoch")


def _name_below(ax: Axes) -> None:
    """Name joint changes below the panel: their names are too long for it."""
    ax.set_title("Points that change several factors", loc="left")
    widest = max((len(label) for label in ax.get_legend_handles_labels()[1]), default=0)
    name_below(ax, columns=2 if widest < WIDE else 1)


def _chosen(source: Source, metric: str | None) -> str:
    """The metric asked for; else the objective, which an epochs export does not name: then the validation accuracy."""
    known = list(with_prefix(source.epochs, METRIC))
    if metric is not None and metric not in known:
        raise FigureError(f"{source.name}: no metric {metric!r}; there are: {', '.join(known)}")
    if not known:
        raise FigureError(f"{source.name}: no column metric.…; curves need `study export NAME --epochs`")
    if metric is None and not source.exported:
        return metric_name(tidy.objective(source.table))
    return metric or _first(known, ["val_acc", *(name for name in known if name.startswith("val_")), *known])


def _first(known: Sequence[str], wanted: Sequence[str]) -> str:
    return next(name for name in wanted if name in known)


def _caption(source: Source, *, metric: str, joint: bool) -> str:
    cells = source.epochs.drop_duplicates("key")
    whole = tidy.whole_curves(source.epochs, metric=metric)[cells.index]
    marks = "Thin: seeds; thick: their means; bars at the right: the last epoch's 95 % Student's t intervals."
    parts = [
        interval_words(cells[whole], marks),
        "" if whole.all() else f"Curves that end early: {(~whole).sum()} (dotted, in no mean).",
        f"Of the points that change several factors only the best {MOST_JOINT} are named." if joint else "",
    ]
    note = " ".join(part for part in parts if part)
    if not source.exported:
        return caption(source.table, note=note)
    return f"{cells['study'].iloc[0]}: {whole.sum()} whole curves ({points_words(cells[whole])}). {note}"


SCRIPT = Script(
    "curves",
    compose,
    {"--metric": {"metavar": "NAME", "help": "draw this metric; without it, the objective"}},
)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
