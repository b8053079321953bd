"""What does each change to the baseline do to the objective? Differences with their intervals, a row a change."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figure import MEAN, FigureError, caption, entitle, interval_words, objective_words, panels, place_dots
from analysis.script import Script, Source
from analysis.words import GREY, INK, change_words, colours, digits, short
from study.inference import cell_table as tidy
from study.inference import conclusions
from study.inference.cell_table import BASELINE
from study.inference.conclusions import Effect
from study.inference.nuisance import tuned

BELOW = -7
"""Points (1/72 inch) that the seeds stand below their mean."""
ROW = 0.42
"""Inches of height that a change takes."""
LINE = 0.2
"""Inches of height that a line of its name takes."""
NO_BREAK = "\N{NO-BREAK SPACE}"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """A forest plot, a row a change: every seed's difference from the baseline's mean, the mean's and its intervals."""
    effects = _effects(table)
    cells = tidy.complete(shown(table))
    values = cells.groupby("point")[tidy.objective(table)]
    reference = float(values.get_group(BASELINE).mean())
    palette = _colours(table)
    ax.axvline(0, color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5, zorder=1)
    if (margin := tidy.declared(table).margin) is not None:
        ax.axvspan(-margin, margin, color=GREY, alpha=0.15, linewidth=0, zorder=0)
    place_dots(ax, values.get_group(BASELINE) - reference, 0.0, aside=(0, 0), color=palette[BASELINE])
    for row, effect in enumerate(effects, start=1):
        seeds = values.get_group(effect.point) - reference
        place_dots(ax, seeds, row, aside=(0, BELOW), color=palette[effect.point])
        _draw_effect(effect, row=row, colour=palette[effect.point], ax=ax)
    _write(effects, ax=ax)
    _label(effects, table, ax=ax)
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a study in which the baseline and a change to it are complete."""
    table = tuned(source.table)
    points = [effect.point for effect in _effects(table)]
    lines = max(len(_broken(point).splitlines()) for point in points)
    figure, (ax,) = panels(1, height=1.1 + max(ROW, LINE * lines) * (len(points) + 1))
    draw(table, ax=ax)
    title = f"What does each change to the baseline do to {short(objective_words(table))}?"
    entitle(figure, title=title, caption=caption(shown(table), note=_note(table, len(points))))
    return figure, str(table["study"].iloc[0])


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The cells of the rows: all that compare, but for joint changes tried with a single seed, as a search does."""
    cells = tidy.comparable(table)
    seeds = tidy.complete(cells).groupby("point").size()
    return cells[[len(tidy.changed(point)) < 2 or seeds.get(point, 0) > 1 for point in cells["point"]]]


def _note(table: pd.DataFrame, changes: int) -> str:
    said = tidy.declared(table)
    bars = f"Dots are seeds, diamonds the mean differences, bars their 95 % intervals by {conclusions.HOW[said.method]}"
    if changes > 1:
        bars += f", each alone; thin lines: those of all {changes} at once. Verdicts: p adjusted for {changes} changes"
    if said.margin is not None:
        bars += f"; grey: the margin, ±{said.margin:g}"
    joint = len(tidy.complete(table)) - len(tidy.complete(shown(table)))
    aside = f" {joint} cells of the search itself are not drawn." if joint else ""
    return interval_words(tidy.complete(shown(table)), f"{bars}.") + aside


def _effects(table: pd.DataFrame) -> list[Effect]:
    """An effect a row: single changes first, by factor, then joint ones."""
    order = tidy.varied(table)

    def rank(effect: Effect) -> tuple[int, list[int]]:
        change = tidy.changed(effect.point)
        return len(change), [order.index(factor) for factor in change]

    if effects := conclusions.effects(shown(table)):
        return sorted(effects, key=rank)
    raise FigureError(f"{table['study'].iloc[0]}: no change to the baseline has complete cells that compare with it")


def _colours(table: pd.DataFrame) -> dict[str, str]:
    """A colour a point: its level's where it changes one factor, grey where it changes several."""
    points = [str(point) for point in table["point"].unique()]
    palettes = {factor: colours(points, factor=factor) for factor in tidy.varied(table)}
    single = {point: change for point in points if len(change := tidy.changed(point)) == 1}
    named = {point: palettes[factor][level] for point, change in single.items() for factor, level in change.items()}
    return dict.fromkeys(points, GREY) | named | {BASELINE: INK}


def _draw_effect(effect: Effect, *, row: int, colour: str, ax: Axes) -> None:
    bar = [[effect.difference - effect.low], [effect.high - effect.difference]]
    ax.errorbar(effect.difference, row, xerr=bar, color=colour, **MEAN)
    ax.plot([effect.joint_low, effect.joint_high], [row, row], color=colour, linewidth=0.8, zorder=1)


def _write(effects: list[Effect], *, ax: Axes) -> None:
    """Each effect in figures, at the right of its row."""
    spec = digits(effect.difference for effect in effects)
    for row, effect in enumerate(effects, start=1):
        figures = f"{effect.difference:+{spec}}"
        if np.isfinite(effect.low):
            figures += f"  ({effect.low:+{spec}} to {effect.high:+{spec}})  {effect.verdict}"
        place = ax.get_yaxis_transform()
        ax.text(1.01, row, figures.replace("-", "−"), transform=place, va="center", fontsize=9)


def _label(effects: list[Effect], table: pd.DataFrame, *, ax: Axes) -> None:
    names = [BASELINE, *(_broken(effect.point) for effect in effects)]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    better = "right" if table["direction"].iloc[0] == "maximize" else "left"
    ax.set_xlabel(f"difference from the baseline in {objective_words(table)}; further {better} is better")


def _broken(point: str) -> str:
    """A point's words, broken only between its changes."""
    tied = ", ".join(change_words(point)).replace(" ", NO_BREAK).replace(f",{NO_BREAK}", ", ")
    return textwrap.fill(tied, 46, break_long_words=False)


SCRIPT = Script("ablation", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
