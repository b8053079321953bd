"""How much damage do the networks bear (`damage`), and how much does a reader that goes by the rules?"""

import pandas as pd
from matplotlib.axes import Axes

from analysis import article, factors
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import level_text, objective_label, without_brackets
from analysis.drawing.level_axis import level_positions
from analysis.drawing.panels import legend_below, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.columns import level_column
from study.terminal import Digits

FACTOR = "damage"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws every cell over the share of modules flipped, each share's mean and interval, and the reader's line."""
    factors.draw(table, factor=FACTOR, ax=ax)
    if article.is_its_task(table):
        positions = level_positions(factors.shown(table, factor=FACTOR)[level_column(FACTOR)])
        shares = {x: article.ceiling(table, damage=level_text(level)) for level, x in positions.items()}
        line = {x: share for x, share in shares.items() if share is not None}
        ax.plot(
            list(line),
            list(line.values()),
            "s-",
            color=style().red,
            linewidth=1,
            markersize=4,
            label="rule-based reader",
        )
        legend_below(ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure with its one panel. The study must vary the damage."""
    table = source.table
    study = str(table["study"].iloc[0])
    if FACTOR not in factors.drawable(table):
        raise FigureError(f"{study}: {FACTOR} has no two levels with complete cells; put it among [factors]")
    figure, (ax,) = make_panels(1)
    draw(table, ax=ax)
    title = f"What does damage do to {without_brackets(objective_label(table))}?"
    note = factors.note(table, factors=[FACTOR]) + (_reader_note() if article.is_its_task(table) else "")
    return Composed.about(
        factors.shown(table, factor=FACTOR),
        figure,
        title=title,
        answer=answer(table),
        marks=factors.marks(table, factors=[FACTOR]),
        note=note,
    )


def answer(table: pd.DataFrame) -> str:
    """Returns how the objective goes from the least damage to the most, in a sentence."""
    if not cell_table.isolated(table, FACTOR):
        return factors.NOT_COMPARED
    cells = factors.shown(table, factor=FACTOR)
    means = intervals.means(cells, by=[level_column(FACTOR)]).sort_values(level_column(FACTOR))
    first, last = means.iloc[0], means.iloc[-1]
    digits = Digits.of(means["mean"], halves=means["high"] - means["mean"])
    levels, values = (
        f"{first.iloc[0]:g} to {last.iloc[0]:g}",
        f"{digits.show(first['mean'])} to {digits.show(last['mean'])}",
    )
    return f"From damage {levels}, {without_brackets(objective_label(table))} goes from {values}."


def _reader_note() -> str:
    return (
        " The rule-based reader reads every undamaged code. "
        f"How much it reads of damaged codes was measured on {article.COUNT} of them."
    )


SCRIPT = FigureScript("damage", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
