"""How much damage do the networks bear (`damage`), and how much a reader that goes by the rules?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import article, factors
from analysis.depth import MARK
from analysis.figure import FigureError, caption, entitle, name_below, objective_words, panels
from analysis.script import Script, Source
from analysis.words import level_text, places, short
from study.inference.columns import level_column

FACTOR = "damage"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Every cell over the share of modules flipped, each share's mean with its interval, and the reader's line."""
    factors.draw(table, factor=FACTOR, ax=ax)
    if article.about(table):
        spots = places(factors.shown(table, factor=FACTOR)[level_column(FACTOR)])
        shares = {spot: article.ceiling(table, damage=level_text(level)) for level, spot in spots.items()}
        line = {spot: share for spot, share in shares.items() if share is not None}
        ax.plot(list(line), list(line.values()), "s-", color=MARK, linewidth=1, markersize=4, label="rule-based reader")
        name_below(ax)
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a study that varies the damage."""
    table = source.table
    study = str(table["study"].iloc[0])
    if FACTOR not in factors.drawable(table):
        raise FigureError(f"{study}: {FACTOR} has no two levels with complete cells; put it among [factors]")
    figure, (ax,) = panels(1)
    draw(table, ax=ax)
    title = f"What does damage do to {short(objective_words(table))}?"
    cells, reader = factors.shown(table, factor=FACTOR), ""
    if article.about(table):
        reader = f" The rule-based reader gets every clean code; on others it is measured, on {article.COUNT} of them."
    entitle(figure, title=title, caption=caption(cells, note=factors.note(table, factors=[FACTOR]) + reader))
    return figure, study


SCRIPT = Script("damage", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
