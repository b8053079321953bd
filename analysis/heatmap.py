"""Do factors act together? The mean objective at each combination of their levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import (
    factor_label,
    level_label,
    level_text,
    objective_label,
    without_brackets,
)
from analysis.drawing.level_axis import level_positions
from analysis.drawing.panels import keep_outer_labels, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.columns import level_column
from study.inference.factorial import ALPHA, Term, grid_sentence, terms
from study.inference.nuisance import at_best_nuisance
from study.space.hints import listed
from study.space.printable import printable
from study.space.trial import BASELINE
from study.terminal import Digits

Pair = tuple[str, str]
Levels = dict[str, list[object]]
"""The levels of each of the two columns, in the order in which the axis shows them."""
MOST_PANELS = 12
"""More panels than this could not be read together."""
LOOK: dict[str, Any] = {"linewidths": 2, "cbar": False}
WIDEST_TEXT = 7
"""Characters in a line of a field: `± 0.012`."""
SMALLEST = 5.0
"""Points (1/72 inch) of the letters in a field. Where they would be smaller, there are none, but a colour bar."""
MARKS = "In each field the mean, ± half its 95 % Student's t interval, and n; framed: the baseline."


@dataclass(frozen=True)
class Panel:
    """Two factors, and the levels of all others that the panel is about; without them, the baseline's."""

    pair: Pair
    others: Mapping[str, object] = field(default_factory=dict)

    def cells(self, table: pd.DataFrame) -> pd.DataFrame:
        """Returns the cells that the panel shows, complete or not."""
        if not self.others:
            return cell_table.around_baseline(table, self.pair)
        fits = [table[level_column(factor)] == level for factor, level in self.others.items()]
        return cell_table.around_baseline(table[np.logical_and.reduce(fits)], (*self.pair, *self.others))

    @property
    def title(self) -> str:
        """Returns the other factors' levels: `coordinates as input: on`."""
        return ", ".join(f"{factor_label(f)}: {level_label(level_text(level))}" for f, level in self.others.items())


def draw(table: pd.DataFrame, *, panel: Panel, ax: Axes, limits: tuple[float, float] | None = None) -> Axes:
    """Draws for each pair of levels the mean, half its interval's width and n.

    `limits` are those of `colour_limits(table)`, if they are known already.
    """
    cells, columns = panel.cells(table), [level_column(factor) for factor in panel.pair]
    means = intervals.means(cells, by=columns)
    levels: Levels = {column: list(level_positions(_all_levels(table, panel)[column])) for column in columns}
    values = _as_grid(means, means["mean"], levels=levels)
    low, high = limits or colour_limits(table)
    size = _letters(ax, columns=values.shape[1])
    texts = _as_grid(means, _field_texts(means), levels=levels).fillna("–").to_numpy() if size else None
    look = {**LOOK, "annot_kws": {"fontsize": size}}
    sns.heatmap(values, annot=texts, fmt="", cmap=_colour_map(table), vmin=low, vmax=high, ax=ax, **look)
    _label_axes(ax, factors=panel.pair, levels=levels)
    ax.set_title(panel.title, loc="left")
    _frame_baseline(ax, cells, levels=levels)
    return ax


def panels(table: pd.DataFrame, factors: list[str] | None = None) -> list[Panel]:
    """Returns the panels to draw. Without `factors`, they hold every point of the grid if they are not too many.

    The two factors with the most levels span each panel, and there is a panel for each combination of the others'
    levels. If there were more than `MOST_PANELS`, or if some pairs were not varied together, there is a panel for each
    pair that was, with the others at the baseline. So it is for the two factors that are asked for.
    """
    pairs = _chosen(table, factors)
    crossed = list(dict.fromkeys(factor for pair in pairs for factor in pair))
    levels = {factor: list(level_positions(table[level_column(factor)])) for factor in crossed}
    spanning = sorted(sorted(crossed, key=lambda factor: -len(levels[factor]))[:2], key=crossed.index)
    others = [factor for factor in crossed if factor not in spanning]
    whole = len(pairs) == len(crossed) * (len(crossed) - 1) / 2
    if not whole or not others or prod(len(levels[factor]) for factor in others) > MOST_PANELS:
        return [Panel(pair) for pair in pairs]
    combinations = product(*(levels[factor] for factor in others))
    found = [Panel((spanning[0], spanning[1]), dict(zip(others, each, strict=True))) for each in combinations]
    return [panel for panel in found if not cell_table.complete(panel.cells(table)).empty]


def answer(effects: Sequence[Term], shown: Sequence[Panel]) -> str:
    """Returns in a sentence which interaction of the panels' factors is the strongest, if any is shown."""
    factors = {frozenset((*panel.pair, *panel.others)) for panel in shown}
    joint = [term for term in effects if len(term.changes) == 2 and any(term.changes.keys() <= own for own in factors)]
    tested = [term for term in joint if np.isfinite(term.adjusted)]
    if not tested:
        return "No interaction can be tested, because a test needs two seeds at each of its points, run alike."
    sure = sorted((t for t in tested if t.adjusted < ALPHA), key=lambda term: -abs(term.difference.value))
    if not sure:
        count = f"none of {len(tested)} interactions is" if len(tested) > 1 else "the one interaction is not"
        return f"Not shown: {count} different from 0 (p adjusted by Holm, 0.05)."
    value, low, high, _ = sure[0].difference
    digits = Digits.of([value], halves=[high - value])
    interval = digits.interval(low, high, signed=True)
    what = f"the largest is {sure[0].name}, {digits.show(value, signed=True)} ({interval})"
    return printable(
        f"Yes: {len(sure)} of {len(tested)} interactions {'is' if len(sure) == 1 else 'are'} shown; {what}."
    )


def compose(source: Source, *, factors: list[str] | None = None) -> Composed:
    """Returns the figure: the panels that hold every point of the grid, or the one of the two factors asked for."""
    table = source.table
    shown = panels(table, factors)
    effects = terms(at_best_nuisance(table))
    figure, axes = make_panels(len(shown), height=3.6 if len(shown) == 1 else 3, sharey=False)
    limits = colour_limits(table)
    for panel, ax in zip(shown, axes, strict=True):
        draw(table, panel=panel, ax=ax, limits=limits)
    if shown[0].others:
        keep_outer_labels(axes)
    if not any(ax.texts for ax in axes):
        _add_colour_bar(table, axes)
    varied = dict.fromkeys(factor for panel in shown for factor in (*panel.pair, *panel.others))
    names = listed(map(factor_label, varied)) if len(varied) < 4 else "the factors"
    title = f"Do {names} act together on {without_brackets(objective_label(table))}?"
    cells = pd.concat([panel.cells(table) for panel in shown]).drop_duplicates(["point", "seed"])
    note = f"{_note(effects, apart=bool(shown[0].others))}{_not_shown(table, cells)}"
    made = Composed.about(cells, figure, title=title, answer=answer(effects, shown), marks=MARKS, note=note)
    return replace(made, caption=f"{made.caption}{_not_shown(table, cells)}")


def _all_levels(table: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Returns the cells for whose levels a panel has rows and columns: the same for all panels of the same factors."""
    return cell_table.around_baseline(table, (*panel.pair, *panel.others))


def _chosen(table: pd.DataFrame, factors: list[str] | None) -> list[Pair]:
    """Returns the pairs to draw: those varied together, or the one asked for."""
    study, crossed = table["study"].iloc[0], cell_table.crossed_pairs(cell_table.complete(table))
    if not crossed:
        way = 'a heatmap needs a grid (`kind = "grid"` in [design])'
        raise FigureError(f"{study}: no two factors were varied together with the others at the baseline; {way}")
    if factors is None:
        return crossed
    if chosen := [pair for pair in crossed if set(pair) == set(factors)]:
        return chosen
    pairs = ", ".join(" and ".join(pair) for pair in crossed)
    raise FigureError(f"{study}: {' and '.join(factors)} were not varied together; these were: {pairs}")


def _note(effects: Sequence[Term], *, apart: bool) -> str:
    marks = "In each field the mean over seeds, half the width of its 95 % Student's t interval (±), and n."
    frame = "framed: the baseline" + ("." if apart else ", at which the other factors are kept.")
    return f"{marks} Brighter is better; grey: no complete cell; {frame} {grid_sentence(effects)}"


def _not_shown(table: pd.DataFrame, cells: pd.DataFrame) -> str:
    """Says how many comparable cells are in no panel because they change other factors, too."""
    count = len(cell_table.complete(cell_table.comparable(table))) - len(cell_table.complete(cells))
    return f" Not shown: {count} cells that change other factors, too." if count else ""


def _letters(ax: Axes, *, columns: int) -> float:
    """Returns the size of the letters that fit into a field of the panel; 0 if they could not be read."""
    place = ax.get_subplotspec()
    beside = place.get_gridspec().ncols if place else 1
    width = 72 * 0.8 * style().width / beside / columns  # A part of the width is the labels'.
    size = min(0.95 * style().text, width / (0.65 * WIDEST_TEXT))
    return size if size >= SMALLEST else 0.0


def _add_colour_bar(table: pd.DataFrame, axes: list[Axes]) -> None:
    bar = axes[0].figure.colorbar(axes[0].collections[0], ax=axes, shrink=0.5, aspect=30, pad=0.02)
    bar.set_label(objective_label(table))
    bar.outline.set_visible(False)


def _as_grid(means: pd.DataFrame, values: "pd.Series", *, levels: Levels) -> pd.DataFrame:
    """Arranges a value for each row of `means` as the panel shows it, the first factor's levels from left to right."""
    across, down = levels
    wide = means.assign(value=values).pivot(index=down, columns=across, values="value")
    return wide.reindex(index=levels[down], columns=levels[across])


def _field_texts(means: pd.DataFrame) -> "pd.Series[str]":
    digits = Digits.of(means["mean"], halves=means["high"] - means["mean"])

    def text(mean: float, high: float, n: int) -> str:
        half = f"\n± {digits.show(high - mean)}" if np.isfinite(high) else ""
        return f"{digits.show(mean)}{half}\nn = {n}"

    return pd.Series(list(map(text, means["mean"], means["high"], means["n"])), index=means.index, dtype=str)


def colour_limits(table: pd.DataFrame) -> tuple[float, float]:
    """Returns the ends of the colour scale: the lowest and highest mean of the study, so that its panels compare."""
    means = intervals.means(table, by=["point"])["mean"]
    return float(means.min()), float(means.max())


def _colour_map(table: pd.DataFrame) -> str:
    return "viridis" if table["direction"].iloc[0] == "maximize" else "viridis_r"


def _label_axes(ax: Axes, *, factors: Pair, levels: Levels) -> None:
    across, down = ([level_label(level_text(level)) for level in column] for column in levels.values())
    ax.set_facecolor(style().band)
    ax.grid(visible=False)
    ax.set_xticks(np.arange(len(across)) + 0.5, across, rotation=0)
    ax.set_yticks(np.arange(len(down)) + 0.5, down, rotation=0)
    ax.tick_params(length=0)
    ax.set_xlabel(factor_label(factors[0]))
    ax.set_ylabel(factor_label(factors[1]))


def _frame_baseline(ax: Axes, cells: pd.DataFrame, *, levels: Levels) -> None:
    for row in cells[cells["point"] == BASELINE].head(1).to_dict("records"):
        x, y = (column_levels.index(row[column]) for column, column_levels in levels.items())
        ax.add_patch(Rectangle((x, y), 1, 1, fill=False, edgecolor=style().ink, linewidth=2.5, clip_on=False))


SCRIPT = FigureScript("heatmap", compose, ("--factors",))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
