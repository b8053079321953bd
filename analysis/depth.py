"""How does the objective depend on the number of convolutions (`conv_depth`)?"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator

from analysis import article, factors
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import objective_label, without_brackets
from analysis.drawing.panels import legend_below, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table
from study.inference.columns import metric_column
from study.tasks.qr_digits.version_1 import SIZE

FACTOR = "conv_depth"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws every cell over the number of convolutions, and each number's mean with its interval.

    For the built-in task also draws the receptive field, the article's own values and the rule-based reader's share.
    """
    factors.draw(table, factor=FACTOR, ax=ax)
    ax.set_xlabel("convolutions")
    if article.is_its_task(table):
        _add_receptive_field(ax, step=_field_step(table))
        _add_article(table, ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure with its one panel. The study must vary the number of convolutions."""
    table = source.table
    study = str(table["study"].iloc[0])
    if FACTOR not in factors.drawable(table):
        raise FigureError(f"{study}: {FACTOR} has no two levels with complete cells; `analysis.factors` draws others")
    figure, (ax,) = make_panels(1)
    draw(table, ax=ax)
    title = f"How does {without_brackets(objective_label(table))} depend on the number of convolutions?"
    cells = factors.shown(table, factor=FACTOR)
    note = factors.note(table, factors=[FACTOR])
    return Composed.about(cells, figure, title=title, marks=factors.marks(table, factors=[FACTOR]), note=note)


def _field_step(table: pd.DataFrame) -> int:
    """Returns by how many modules each convolution widens the receptive field; 0 if they do not all do the same."""
    levels = article.baseline_levels(table)
    all_alike = levels["trunk"] == "conv" and levels["downsampling"] == "none"
    return int(levels["kernel_size"]) - 1 if all_alike else 0


def _add_receptive_field(ax: Axes, *, step: int) -> None:
    """Adds an axis above: how much of the code the last convolution sees. A line marks the whole code."""
    if not step:
        return
    depths = [float(depth) for depth in ax.xaxis.get_majorticklocs()]

    # Matplotlib calls both functions with arrays as well as with numbers.
    def to_field(depth: Any) -> Any:
        return 1 + step * depth

    def to_depth(field: Any) -> Any:
        return (field - 1) / step

    ax.axvline(to_depth(SIZE), color=style().grey, linewidth=1, linestyle=":", zorder=1)
    above = ax.secondary_xaxis("top", functions=(to_field, to_depth))
    above.xaxis.set_major_locator(FixedLocator(sorted({*map(to_field, depths), float(SIZE)})))
    above.set_xlabel(f"receptive field in modules (dotted: {SIZE}, the whole code)")


def _add_article(table: pd.DataFrame, *, ax: Axes) -> None:
    """Adds what was not measured in this study: the article's values and the rule-based reader's share."""
    if cell_table.objective(table) == metric_column(article.METRIC):
        look: dict[str, Any] = {"markersize": 11, "markerfacecolor": "none", "color": style().red, "linestyle": "none"}
        label = f"the article's own: {article.FIDELITY}"
        ax.plot(list(article.DEPTHS), list(article.DEPTHS.values()), marker="*", label=label, **look)
    if (ceiling := article.ceiling(table)) is not None:
        ax.axhline(ceiling, color=style().red, linewidth=1, label=f"a rule-based reader: {ceiling:.3f}")
    if ax.get_legend_handles_labels()[1]:
        legend_below(ax)


SCRIPT = FigureScript("depth", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
