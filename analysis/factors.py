"""How does the objective depend on each factor, or on the one of `--factor`?"""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figure import (
    MEAN,
    FigureError,
    caption,
    entitle,
    interval_words,
    keep_outer_labels,
    objective_words,
    panels,
    place_dots,
)
from analysis.script import Script, Source
from analysis.words import GREY, INK, colours, factor_words, numbers, places, set_levels, short
from study.inference import cell_table as tidy
from study.inference import intervals
from study.inference.columns import level_column
from study.inference.dose import dose, doses, sentence

LEFT = -7
"""Points (1/72 inch) that the seeds stand left of their mean."""


def draw(table: pd.DataFrame, *, factor: str, ax: Axes) -> Axes:
    """Every cell over the levels of one factor; and where the levels compare, their means, intervals and the baseline.

    They compare where each was tried with everything else at the baseline: then only those cells are drawn.
    """
    cells = _placed(table, factor)
    compare = tidy.isolated(table, factor)
    values = cells[tidy.objective(table)]
    place_dots(ax, cells["place"], values, aside=(LEFT if compare else 0, 0), c=cells["colour"])
    if compare:
        _draw_means(cells, line=numbers(cells[level_column(factor)]) is not None, ax=ax)
    set_levels(ax, places(cells[level_column(factor)]))
    ax.set_xlabel(factor_words(factor))
    ax.set_ylabel(objective_words(table))
    return ax


def shown(table: pd.DataFrame, *, factor: str) -> pd.DataFrame:
    """The cells that the plot of a factor is about, complete or not."""
    return tidy.around_baseline(table, [factor]) if tidy.isolated(table, factor) else table


def note(table: pd.DataFrame, *, factors: list[str]) -> str:
    """What the marks of these factors' plots are, for their caption."""
    alone = [factor for factor in factors if tidy.isolated(table, factor)]
    if not alone:
        return (
            "Each dot is a cell. Levels were not tried on equal terms: they do not compare, and no interval is drawn."
        )
    cells = pd.concat([shown(table, factor=factor) for factor in alone]).drop_duplicates(["point", "seed"])
    bars = interval_words(
        tidy.complete(cells), "Dots are seeds, diamonds their means, bars the means' 95 % Student's t intervals."
    )
    others = " Black: the baseline, which sets every other factor."
    return " ".join([bars + (others if len(alone) == len(factors) else ""), *_curves(table, factors)])


def _curves(table: pd.DataFrame, factors: list[str]) -> Iterator[str]:
    """What the curve over each factor shows that has one."""
    for factor in doses(table):
        if factor in factors:
            yield sentence(dose(table, factor), name=factor_words(factor))


def compose(source: Source, *, factor: str | None = None) -> tuple[Figure, str]:
    """A panel for each factor, or the one asked for."""
    table = source.table
    factors = _chosen(table, factor)
    subject = factor_words(factors[0]) if len(factors) == 1 else "each factor"
    title = f"How does {short(objective_words(table))} depend on {subject}?"
    return assemble(table, factors=factors, title=title), str(table["study"].iloc[0])


def assemble(table: pd.DataFrame, *, factors: list[str], title: str) -> Figure:
    """The figure of these factors, a panel each."""
    figure, axes = panels(len(factors), height=5.2 if len(factors) == 1 else 3.9)
    for factor, ax in zip(factors, axes, strict=True):
        draw(table, factor=factor, ax=ax)
    keep_outer_labels(axes)
    cells = pd.concat([shown(table, factor=factor) for factor in factors]).drop_duplicates(["point", "seed"])
    entitle(figure, title=title, caption=caption(cells, note=note(table, factors=factors)))
    return figure


def drawable(table: pd.DataFrame) -> list[str]:
    """The factors with something to see: two levels with complete cells."""
    return [
        factor
        for factor in tidy.varied(table)
        if tidy.complete(shown(table, factor=factor))[level_column(factor)].nunique() > 1
    ]


def _chosen(table: pd.DataFrame, factor: str | None) -> list[str]:
    study, known = table["study"].iloc[0], drawable(table)
    if factor is None and not known:
        raise FigureError(f"{study}: no factor has two levels with complete cells")
    if factor is not None and factor not in known:
        others = ", ".join(known) or "none"
        raise FigureError(f"{study}: {factor!r} has no two levels with complete cells; those that have: {others}")
    return known if factor is None else [factor]


def _placed(table: pd.DataFrame, factor: str) -> pd.DataFrame:
    """The complete cells of the plot, each with its `place` on the axis and its `colour`."""
    column = level_column(factor)
    cells = tidy.complete(shown(table, factor=factor)).dropna(subset=[column])
    palette = colours(table["point"], factor=factor)
    levels = [tidy.changed(point).get(factor) for point in cells["point"]]
    spots = places(cells[column])
    return cells.assign(
        place=[spots[level] for level in cells[column]],
        colour=[INK if level is None else palette[level] for level in levels],
    )


def _draw_means(cells: pd.DataFrame, *, line: bool, ax: Axes) -> None:
    means = intervals.means(cells, by=["place", "colour"]).sort_values("place")
    if line:
        ax.plot(means["place"], means["mean"], color=GREY, linewidth=1, zorder=1)
    for row in means.to_dict("records"):
        bar = [[row["mean"] - row["low"]], [row["high"] - row["mean"]]]
        ax.errorbar(row["place"], row["mean"], yerr=bar, color=row["colour"], **MEAN)
    for mean in means.loc[means["colour"] == INK, "mean"]:
        ax.axhline(mean, color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5, zorder=1)


SCRIPT = Script(
    "factors",
    compose,
    {"--factor": {"metavar": "NAME", "help": "draw this factor alone; without it, a panel for each"}},
)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
