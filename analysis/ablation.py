"""What does each change to the baseline do to the objective? Its difference and interval in a row."""

import textwrap
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.drawing.caption import interval_sentence
from analysis.drawing.colours import level_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import change_labels, objective_label, without_brackets
from analysis.drawing.panels import DASHED, MEAN_STYLE, NO_SHIFT, Shift, draw_dots, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table
from study.inference.changes import changes
from study.inference.differences import seed_differences
from study.inference.effects import HOW, Effect, compute_effects
from study.inference.nuisance import at_best_nuisance
from study.space.trial import BASELINE
from study.terminal import Digits

BELOW_MEAN = Shift(up=-7)
"""Seeds stand below their mean, so that neither hides the other."""
ROW = 0.42
"""Inches of height that a change takes."""
LINE = 0.2
"""Inches of height that a line of its name takes."""
WIDEST_NAME = 46
"""Characters in a line of a change's name."""
NO_BREAK = "\N{NO-BREAK SPACE}"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Draws a forest plot: for each change every seed's difference from the baseline's mean, the mean difference and
    its intervals.
    """
    effects, palette = _effects(table), _point_colours(table)
    rows = {point: row for row, point in enumerate([BASELINE, *(effect.point for effect in effects)])}
    ax.axvline(0, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5, zorder=1)
    _shade_margin(cell_table.declared(table).margin, ax=ax)
    for point, seeds in seed_differences(shown(table)).groupby("point", sort=False)["difference"]:
        shift = NO_SHIFT if point == BASELINE else BELOW_MEAN
        draw_dots(ax, seeds, rows[str(point)], shift=shift, color=palette[str(point)])
    for effect in effects:
        _draw_effect(effect, row=rows[effect.point], colour=palette[effect.point], ax=ax)
    _write_numbers(effects, ax=ax)
    _label_axes(effects, table, ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure with its one panel. The baseline and at least one change need complete cells."""
    table = at_best_nuisance(source.table)
    points, by_point = [effect.point for effect in _effects(table)], changes(table)
    lines = max(len(_wrapped(by_point[point]).splitlines()) for point in points)
    figure, (ax,) = make_panels(1, height=1.1 + max(ROW, LINE * lines) * (len(points) + 1))
    draw(table, ax=ax)
    title = f"What does each change to the baseline do to {without_brackets(objective_label(table))}?"
    return Composed.about(shown(table), figure, title=title, marks=_marks(table), note=_note(table, len(points)))


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells that have a row: those that compare, without joint changes that have a single seed.

    A search tries many such changes, and a single seed allows no interval.
    """
    cells = cell_table.comparable(table)
    seeds = cell_table.complete(cells).groupby("point").size()
    joint = {point for point, change in changes(cells).items() if len(change) > 1}
    return cells[[point not in joint or seeds.get(point, 0) > 1 for point in cells["point"]]]


def _marks(table: pd.DataFrame) -> str:
    return f"Bars: 95 % intervals by {HOW[cell_table.declared(table).method]}; dots: seeds."


def _note(table: pd.DataFrame, changes: int) -> str:
    """Explains the marks, the verdicts and what is not drawn."""
    declared, used = cell_table.declared(table), cell_table.complete(shown(table))
    method = HOW[declared.method]
    marks = f"Dots are seeds, diamonds the mean differences, bars their 95 % intervals by {method}"
    if changes > 1:
        marks += f", each alone; thin lines: those of all {changes} at once. Verdicts: p adjusted for {changes} changes"
    if declared.margin is not None:
        marks += f"; grey: the margin, ±{declared.margin:g}"
    hidden = len(cell_table.complete(table)) - len(used)
    search = f" {hidden} cells of the search itself are not drawn." if hidden else ""
    return interval_sentence(used, f"{marks}.") + search


def _effects(table: pd.DataFrame) -> list[Effect]:
    """Returns an effect for each row: single changes first, ordered by factor, then joint changes."""
    order, by_point = cell_table.varied(table), changes(table)

    def rank(effect: Effect) -> tuple[int, list[int]]:
        change = by_point[effect.point]
        return len(change), [order.index(factor) for factor in change]

    if effects := compute_effects(shown(table)):
        return sorted(effects, key=rank)
    raise FigureError(f"{table['study'].iloc[0]}: no change to the baseline has complete cells that compare with it")


def _point_colours(table: pd.DataFrame) -> dict[str, str]:
    """Returns a colour for each point: its level's if it changes one factor, grey if it changes several."""
    points = changes(table)
    palettes = {factor: level_colours(points.values(), factor=factor) for factor in cell_table.varied(table)}

    def colour(change: Mapping[str, str]) -> str:
        levels = [palettes[factor][level] for factor, level in change.items()]
        return levels[0] if len(levels) == 1 else style().grey

    return {point: colour(change) for point, change in points.items()} | {BASELINE: style().ink}


def _shade_margin(margin: float | None, *, ax: Axes) -> None:
    if margin is not None:
        ax.axvspan(-margin, margin, color=style().grey, alpha=0.15, linewidth=0, zorder=0)


def _draw_effect(effect: Effect, *, row: int, colour: str, ax: Axes) -> None:
    bar = [[effect.difference - effect.low], [effect.high - effect.difference]]
    ax.errorbar(effect.difference, row, xerr=bar, color=colour, **MEAN_STYLE)
    ax.plot([effect.joint_low, effect.joint_high], [row, row], color=colour, linewidth=0.8, zorder=1)


def _write_numbers(effects: list[Effect], *, ax: Axes) -> None:
    """Writes each effect at the right of its row."""
    halves = [effect.high - effect.difference for effect in effects]
    digits = Digits.of([effect.difference for effect in effects], halves=halves)
    for row, effect in enumerate(effects, start=1):
        text = digits.show(effect.difference, signed=True)
        if np.isfinite(effect.low):
            low, high = (digits.show(end, signed=True) for end in (effect.low, effect.high))
            text += f"  ({low} to {high})  {effect.verdict}"
        ax.text(1.01, row, text, transform=ax.get_yaxis_transform(), va="center", fontsize=9)


def _label_axes(effects: list[Effect], table: pd.DataFrame, *, ax: Axes) -> None:
    by_point = changes(table)
    names = [BASELINE, *(_wrapped(by_point[effect.point]) for effect in effects)]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    better = "right" if table["direction"].iloc[0] == "maximize" else "left"
    ax.set_xlabel(f"difference from the baseline in {objective_label(table)}; further {better} is better")


def _wrapped(change: Mapping[str, str]) -> str:
    """Returns a point's label in lines that break only between its changes."""
    tied = ", ".join(change_labels(change)).replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")
    return textwrap.fill(tied, WIDEST_NAME, break_long_words=False, break_on_hyphens=False)


SCRIPT = FigureScript("ablation", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
