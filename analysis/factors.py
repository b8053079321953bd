"""How does the objective depend on each factor, or on the one of `--factor`?"""

import pandas as pd
from matplotlib.axes import Axes

from analysis.drawing.caption import interval_sentence
from analysis.drawing.colours import level_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, objective_label, without_brackets
from analysis.drawing.level_axis import as_numbers, level_positions, set_level_axis
from analysis.drawing.panels import (
    DASHED,
    LEFT_OF_MEAN,
    NO_SHIFT,
    draw_dots,
    draw_means,
    keep_outer_labels,
    make_panels,
)
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, dose, intervals
from study.inference.answer import best_sentence
from study.inference.changes import changes
from study.inference.columns import level_column
from study.inference.learned import did_not_learn

NOT_COMPARED = "Levels were not tried on equal terms, so this compares none of them."


def draw(table: pd.DataFrame, *, factor: str, ax: Axes, log: bool | None = None) -> Axes:
    """Draws every cell over the levels of one factor. If the levels compare, also draws means, intervals and baseline.

    Levels compare if each was tried with everything else at the baseline. Then only those cells are drawn. `log` is as
    in `set_level_axis`.
    """
    cells = _positioned(table, factor)
    compare = cell_table.isolated(table, factor)
    shift = LEFT_OF_MEAN if compare else NO_SHIFT
    failed = did_not_learn(table)[cells.index]
    values = cells[cell_table.objective(table)]
    draw_dots(ax, cells["x"], values, shift=shift, colour=list(cells["colour"]), opened=failed)
    if compare:
        _draw_means(cells, line=as_numbers(cells[level_column(factor)]) is not None, ax=ax)
    set_level_axis(ax, level_positions(cells[level_column(factor)]), log=log)
    ax.set_xlabel(factor_label(factor))
    ax.set_ylabel(objective_label(table).replace(" (", "\n("))
    return ax


def shown(table: pd.DataFrame, *, factor: str) -> pd.DataFrame:
    """Returns the cells that the plot of a factor is about, complete or not."""
    return cell_table.around_baseline(table, [factor]) if cell_table.isolated(table, factor) else table


def answer(table: pd.DataFrame, *, factor: str) -> str:
    """Returns which level of the factor is the best, in a sentence."""
    return best_sentence(shown(table, factor=factor)) if cell_table.isolated(table, factor) else NOT_COMPARED


def marks(table: pd.DataFrame, *, factors: list[str]) -> str:
    """Returns how the intervals in these factors' plots were computed."""
    compared = [factor for factor in factors if cell_table.isolated(table, factor)]
    if not compared:
        return "Dots: cells. No interval, because levels were not tried on equal terms."
    baseline = " Dashed: the baseline's mean." if compared == factors else ""
    return f"Dots: seeds; diamonds: means; bars: 95 % Student's t intervals.{baseline}"


def note(table: pd.DataFrame, *, factors: list[str]) -> str:
    """Returns all about the marks in these factors' plots, and what the curves over numbers show."""
    compared = [factor for factor in factors if cell_table.isolated(table, factor)]
    if not compared:
        return (
            "Each dot is a cell. Levels were not tried on equal terms: they do not compare, and no interval is drawn."
        )
    text = "Dots are seeds, diamonds their means, bars the means' 95 % Student's t intervals."
    bars = interval_sentence(cell_table.complete(_all_shown(table, compared)), text)
    baseline = " The baseline has the colour of the text and sets every other factor." if compared == factors else ""
    return " ".join([bars + baseline, *_dose_sentences(table, factors)])


def compose(source: Source, *, factor: str | None = None) -> Composed:
    """Returns the figure: a panel for each factor, or the one asked for."""
    table = source.table
    factors = _chosen(table, factor)
    figure, axes = make_panels(len(factors), height=3.4 if len(factors) == 1 else 2.6)
    for name, ax in zip(factors, axes, strict=True):
        draw(table, factor=name, ax=ax, log=source.is_logarithmic(name))
    keep_outer_labels(axes)
    subject = factor_label(factors[0]) if len(factors) == 1 else "each factor"
    return Composed.about(
        _all_shown(table, factors),
        figure,
        title=f"How does {without_brackets(objective_label(table))} depend on {subject}?",
        answer=_answer(table, factors),
        marks=marks(table, factors=factors),
        note=note(table, factors=factors),
        rings=bool(did_not_learn(table).any()),
    )


def drawable(table: pd.DataFrame) -> list[str]:
    """Returns the factors with something to see: two levels with complete cells."""
    return [factor for factor in cell_table.varied(table) if _complete_levels(table, factor) > 1]


def _answer(table: pd.DataFrame, factors: list[str]) -> str:
    compared = [factor for factor in factors if cell_table.isolated(table, factor)]
    return best_sentence(_all_shown(table, compared)) if compared else NOT_COMPARED


def _complete_levels(table: pd.DataFrame, factor: str) -> int:
    return int(cell_table.complete(shown(table, factor=factor))[level_column(factor)].nunique())


def _chosen(table: pd.DataFrame, factor: str | None) -> list[str]:
    study, factors = table["study"].iloc[0], drawable(table)
    if factor is None and not factors:
        raise FigureError(f"{study}: no factor has two levels with complete cells")
    if factor is not None and factor not in factors:
        others = ", ".join(factors) or "none"
        raise FigureError(f"{study}: {factor!r} has no two levels with complete cells; those that have: {others}")
    return factors if factor is None else [factor]


def _all_shown(table: pd.DataFrame, factors: list[str]) -> pd.DataFrame:
    """Returns the cells of these factors' plots. A cell that is in several plots is in one row."""
    return pd.concat([shown(table, factor=factor) for factor in factors]).drop_duplicates(["point", "seed"])


def _dose_sentences(table: pd.DataFrame, factors: list[str]) -> list[str]:
    """Returns what the curve over each factor shows. A factor of names has no curve."""
    curved = [factor for factor in dose.doses(table) if factor in factors]
    return [dose.trend_sentence(dose.dose(table, factor), name=factor_label(factor)) for factor in curved]


def _positioned(table: pd.DataFrame, factor: str) -> pd.DataFrame:
    """Returns the complete cells of the plot, each with its `x` on the axis and its `colour`."""
    column = level_column(factor)
    cells = cell_table.complete(shown(table, factor=factor)).dropna(subset=[column])
    palette, positions = level_colours(changes(table).values(), factor=factor), level_positions(cells[column])
    by_point = changes(cells)
    levels = [by_point[point].get(factor) for point in cells["point"]]
    return cells.assign(
        x=[positions[level] for level in cells[column]],
        colour=[style().ink if level is None else palette[level] for level in levels],
    )


def _draw_means(cells: pd.DataFrame, *, line: bool, ax: Axes) -> None:
    means = intervals.means(cells, by=["x", "colour"]).sort_values("x")
    if line:
        ax.plot(means["x"], means["mean"], color=style().grey, linewidth=1, zorder=1)
    for colour, rows in means.groupby("colour", sort=False):
        draw_means(ax, rows["x"], rows, colour=str(colour))
    for mean in means.loc[means["colour"] == style().ink, "mean"]:
        ax.axhline(mean, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5, zorder=1)


SCRIPT = FigureScript("factors", compose, ("--factor",))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
