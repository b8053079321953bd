"""How does the objective depend on the number of convolutions (`conv_depth`)?"""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from analysis import article, factors
from analysis.figure import FigureError, caption, entitle, name_below, objective_words, panels
from analysis.script import Script, Source
from analysis.words import GREY, short
from study.inference import cell_table as tidy
from study.inference.columns import metric_column
from study.tasks.qr_digits.version_1 import SIZE

FACTOR = "conv_depth"
MARK = "#b5451f"
"""The colour of what was not measured here."""


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Every cell over the number of convolutions, and each number's mean with its interval.

    Of the built-in task also what a convolution there can see, the article's own values and the reader's ceiling.
    """
    factors.draw(table, factor=FACTOR, ax=ax)
    ax.set_xlabel("convolutions")
    if article.about(table):
        _add_field(ax, step=_step(table))
        _add_article(table, ax=ax)
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a study that varies the number of convolutions."""
    table = source.table
    study = str(table["study"].iloc[0])
    if FACTOR not in factors.drawable(table):
        raise FigureError(f"{study}: {FACTOR} has no two levels with complete cells; `analysis.factors` draws others")
    figure, (ax,) = panels(1)
    draw(table, ax=ax)
    title = f"How does {short(objective_words(table))} depend on the number of convolutions?"
    cells = factors.shown(table, factor=FACTOR)
    entitle(figure, title=title, caption=caption(cells, note=factors.note(table, factors=[FACTOR])))
    return figure, study


def _step(table: pd.DataFrame) -> int:
    """By how many modules each convolution widens the field; 0 where that is not the same for all of them."""
    standing = article.standing(table)
    plain = standing["trunk"] == "conv" and standing["downsampling"] == "none"
    return int(standing["kernel_size"]) - 1 if plain else 0


def _add_field(ax: Axes, *, step: int) -> None:
    """What the last convolution sees of the code, above; where that is all of it, a line."""
    if not step:
        return
    depths = [float(place) for place in ax.xaxis.get_majorticklocs()]
    whole = (SIZE - 1) / step
    ax.axvline(whole, color=GREY, linewidth=1, linestyle=":", zorder=1)

    def field(depth: Any) -> Any:
        return 1 + step * depth

    def depth(field: Any) -> Any:
        return (field - 1) / step

    above = ax.secondary_xaxis("top", functions=(field, depth))
    above.xaxis.set_major_locator(FixedLocator(sorted({*map(field, depths), float(SIZE)})))
    above.set_xlabel(f"receptive field in modules (dotted: {SIZE}, the whole code)")


def _add_article(table: pd.DataFrame, *, ax: Axes) -> None:
    if tidy.objective(table) == metric_column(article.METRIC):
        look: dict[str, Any] = {"markersize": 11, "markerfacecolor": "none", "color": MARK, "linestyle": "none"}
        label = f"the article's own: {article.FIDELITY}"
        ax.plot(list(article.DEPTHS), list(article.DEPTHS.values()), marker="*", label=label, **look)
    if (ceiling := article.ceiling(table)) is not None:
        ax.axhline(ceiling, color=MARK, linewidth=1, label=f"a rule-based reader: {ceiling:.3f}")
    if ax.get_legend_handles_labels()[1]:
        name_below(ax)


SCRIPT = Script("depth", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
