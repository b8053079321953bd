"""What does each change to the baseline do to the objective? Differences with their intervals, a row a change."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from analysis.figure import MEAN, FigureError, Script, Source, caption, entitle, intervals, objective_words, panels
from analysis.words import GREY, INK, colours, point_words
from study import inference
from study.inference import BASELINE, Effect

BELOW = -7 / 72
"""Inches that the seeds stand below their mean, so that neither hides the other."""
ROW = 0.46
"""Inches of height that a change takes."""


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """A row for each change: every seed's difference from the baseline's mean, the mean's and its Welch interval."""
    effects = _effects(table)
    cells = inference.complete(table)
    values = cells.groupby("point")[inference.objective(table)]
    below = ax.transData + ScaledTranslation(0, BELOW, ax.figure.dpi_scale_trans)
    reference = float(values.get_group(BASELINE).mean())
    palette = _colours(table)
    for row, point in enumerate([BASELINE, *(effect.point for effect in effects)]):
        seeds = values.get_group(point) - reference
        colour = palette[point]
        ax.scatter(seeds, np.full(len(seeds), row), color=colour, s=22, alpha=0.6, linewidths=0, transform=below)
    ax.axvline(0, color=INK, linewidth=1, linestyle=(0, (4, 4)), alpha=0.5, zorder=1)
    for row, effect in enumerate(effects, start=1):
        _draw_effect(effect, row=row, colour=palette[effect.point], ax=ax)
    _label(effects, table, ax=ax)
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a study in which the baseline and a change to it are complete."""
    table = source.table
    rows = len(_effects(table)) + 1
    figure, (ax,) = panels(1, height=1.1 + ROW * rows)
    draw(table, ax=ax)
    cells = shown(table)
    bars = (
        "Dots are seeds, diamonds mean differences, bars their 95 % Welch's t intervals, each of one comparison alone"
    )
    note = intervals(inference.complete(cells), f"{bars} (not widened for the {rows - 1} made).")
    entitle(
        figure,
        title=f"What does each change to the baseline do to {objective_words(table)}?",
        caption=caption(cells, note=note),
    )
    return figure, str(table["study"].iloc[0])


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The cells of the rows: single changes, and joint ones with at least two seeds; a search's single tries are not."""
    seeds = inference.complete(table).groupby("point").size()
    return table[[len(inference.changed(p)) < 2 or seeds.get(p, 0) > 1 for p in table["point"]]]


def _effects(table: pd.DataFrame) -> list[Effect]:
    effects = inference.effects(shown(table))
    if not effects:
        raise FigureError(f"{table['study'].iloc[0]}: no change to the baseline has a complete cell")
    return effects


def _colours(table: pd.DataFrame) -> dict[str, str]:
    """A colour a point: its level's where it changes one factor, grey where it changes several."""
    points = [str(point) for point in table["point"].unique()]
    palettes = {factor: colours(points, factor=factor) for factor in inference.varied(table)}
    single = {point: change for point in points if len(change := inference.changed(point)) == 1}
    named = {point: palettes[factor][level] for point, change in single.items() for factor, level in change.items()}
    return dict.fromkeys(points, GREY) | named | {BASELINE: INK}


def _draw_effect(effect: Effect, *, row: int, colour: str, ax: Axes) -> None:
    bar = [[effect.difference - effect.low], [effect.high - effect.difference]]
    ax.errorbar(effect.difference, row, xerr=bar, color=colour, **MEAN)
    figures = f"{effect.difference:+.3f}"
    if np.isfinite(effect.low):
        figures += f"  ({effect.low:+.3f} to {effect.high:+.3f})"
    ax.text(1.01, row, figures, transform=ax.get_yaxis_transform(), va="center", fontsize=9)


def _label(effects: list[Effect], table: pd.DataFrame, *, ax: Axes) -> None:
    names = [BASELINE, *(textwrap.fill(point_words(effect.point), 36) for effect in effects)]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    better = table["direction"].iloc[0] == "maximize"
    sides = "← worse    better →" if better else "← better    worse →"
    ax.set_xlabel(f"difference from the baseline in {objective_words(table)}\n{sides}")


SCRIPT = Script("ablation", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
