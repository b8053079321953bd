"""What did each change bring on the way from the baseline to the best point, in the order taken?"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.ablation import look_of
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import change_labels, objective_label, without_brackets
from analysis.drawing.panels import DASHED, MEAN_STYLE, Shift, draw_dots, extend_limits, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table
from study.inference.effects import Effect
from study.inference.intervals import mean_interval
from study.inference.learned import did_not_learn
from study.inference.path_steps import PathStep, path_steps
from study.inference.verdict import verdict_text, verdict_words
from study.space.printable import printable
from study.space.trial import BASELINE, UNFINISHED, label
from study.terminal import Digits
from study.winner.greedy_path import ENDING, step_names

BELOW_MEAN = Shift(up=-7)
"""Seeds stand below their mean, so that neither hides the other."""
ROW = 0.5
"""Inches of height that a step takes."""
MARKS = "Left bars: 95 % Student's t. Right bars: 95 % for all changes tried at the step; short lines: not taken."
NOTE = (
    "Left, dots are seeds, and bars 95 % Student's t intervals of the means. Right, bars are the 95 % intervals of all "
    "changes that were tried at the step at once, because the one that gained most was taken; the short lines are "
    "those that were not."
)


def draw(steps: Sequence[PathStep], cells: pd.DataFrame, *, axes: Sequence[Axes]) -> Sequence[Axes]:
    """Draws a row for the baseline and one for each step: the point that was reached, and what the change brought.

    `cells` are those of `reached`.
    """
    at_points, gains = axes
    _draw_points(cells, ax=at_points)
    gains.axvline(0, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5, zorder=1)
    for row, step in enumerate(steps, start=1):
        _draw_gain(step, row=row, ax=gains)
    _write_verdicts([step.effect for step in steps], ax=gains)
    at_points.set_yticks(range(len(steps) + 1), [BASELINE, *_names(steps, cells)])
    at_points.set_ylim(len(steps) + 0.6, -0.6)
    for ax in axes:
        ax.grid(visible=False, axis="y")
    gains.tick_params(labelleft=False)
    measured = without_brackets(objective_label(cells))
    at_points.set_xlabel(measured)
    gains.set_xlabel("what the change brought")
    return axes


def compose(source: Source, *, more: Sequence[str] | None = None) -> Composed:
    """Returns the figure of a path whose steps are in the store, or of its steps, given one after another."""
    names = _steps_of(source, more or ())
    tables = _finished([Source(name, source.store, source.metric).table for name in names])
    if not tables:
        raise FigureError(f"{names[0]}: the first step has missing cells; `study run` its file first")
    steps = path_steps(tables)
    cells = reached(tables, steps, study=str(source.table["study"].iloc[0]))
    figure, axes = make_panels(2, height=1.1 + ROW * (len(steps) + 1))
    draw(steps, cells, axes=axes)
    rings = bool(did_not_learn(cells).any())
    title = f"What did each change on the path bring in {without_brackets(objective_label(cells))}?"
    return Composed.about(cells, figure, title=title, answer=answer(steps, cells), marks=MARKS, note=NOTE, rings=rings)


def reached(tables: Sequence[pd.DataFrame], steps: Sequence[PathStep], *, study: str) -> pd.DataFrame:
    """Returns the cells of the points of a path, the baseline first. Each point is called by the change that led to it.

    The step after the one that reached a point may have given it more seeds.
    """
    starts = [table[table["point"] == BASELINE] for table in tables]
    end = tables[-1]
    points = [*starts, end[end["point"] == steps[-1].effect.point]]
    names = [BASELINE, *(label(step.change) for step in steps)]
    named = [cells.assign(point=name, study=study) for cells, name in zip(points, names, strict=True)]
    return pd.concat(named, ignore_index=True)


def answer(steps: Sequence[PathStep], cells: pd.DataFrame) -> str:
    """Returns in a sentence where the path leads, and what each change brought, in the order taken."""
    means = cell_table.complete(cells).groupby("point", sort=False)[cell_table.objective(cells)].mean()
    gains = [step.effect for step in steps]
    digits = Digits.of([e.difference for e in gains], halves=[e.joint_high - e.difference for e in gains])
    brought = [f"{e.point} ({digits.show(e.difference, signed=True)}, {verdict_words(e)})" for e in gains]
    ends = f"{digits.show(means.iloc[0])} to {digits.show(means.iloc[-1])}"
    return printable(f"From {ends} by {', then '.join(brought)}.")


def _steps_of(source: Source, more: Sequence[str]) -> list[str]:
    """Returns the studies of the steps: those that the user names, or those that the store has."""
    name = str(source.table["study"].iloc[0])  # Raises StoreError if there is no such study.
    study = re.sub(rf"{ENDING}\d+$", "", name)
    if more or (source.exported and name != study):
        return [source.name, *more]
    if source.exported:
        raise FigureError(f"{source.name}: no step of a path; `study export` writes each step, such as {name}{ENDING}1")
    if names := step_names(source.store, study):
        return names
    raise FigureError(f"{study}: the store has no path of it; `study ablate {study} --path` makes one, step by step")


def _finished(tables: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Returns the tables up to the first one with unfinished cells."""
    finished: list[pd.DataFrame] = []
    for table in tables:
        if table["state"].isin(UNFINISHED).any():
            break
        finished.append(table)
    return finished


def _draw_points(cells: pd.DataFrame, *, ax: Axes) -> None:
    column = cell_table.objective(cells)
    means, failed = [], did_not_learn(cells)
    for row, (_, group) in enumerate(cell_table.complete(cells).groupby("point", sort=False)):
        mean, low, high = mean_interval(group[column].to_numpy(float), metric=column)
        draw_dots(ax, group[column], row, shift=BELOW_MEAN, colour=style().grey, opened=failed[group.index])
        bar = None if np.isnan(low) else [[mean - low], [high - mean]]
        ax.errorbar(mean, row, xerr=bar, color=style().ink, zorder=3, **MEAN_STYLE)
        means.append(mean)
    ax.plot(means, range(len(means)), color=style().grey, linewidth=1, zorder=1)


def _draw_gain(step: PathStep, *, row: int, ax: Axes) -> None:
    effect, (colour, marker, filled) = step.effect, look_of(step.effect.verdict)
    if np.isfinite(effect.joint_low):
        ends = [[effect.difference - effect.joint_low], [effect.joint_high - effect.difference]]
        ax.errorbar(effect.difference, row, xerr=ends, color=colour, fmt="none", elinewidth=2, capsize=4, zorder=2)
        extend_limits(ax, [effect.joint_low, effect.joint_high], row)
    face = colour if filled else style().ground
    look: dict[str, Any] = {"markerfacecolor": face, "markeredgewidth": 1.5, "markersize": 7}
    ax.plot(effect.difference, row, marker, color=colour, zorder=3, **look)
    for other in step.others:
        ax.plot(other.difference, row, "|", color=style().grey, markersize=9, zorder=1)


def _write_verdicts(effects: Sequence[Effect], *, ax: Axes) -> None:
    digits = Digits.of([e.difference for e in effects], halves=[e.joint_high - e.difference for e in effects])
    place: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "va": "center", "fontsize": 0.9 * style().small}
    for row, effect in enumerate(effects, start=1):
        text = f"{digits.show(effect.difference, signed=True)}\n{verdict_text(effect)}"
        ax.text(1.02, row, text, color=style().ink, **place)


def _names(steps: Sequence[PathStep], cells: pd.DataFrame) -> list[str]:
    """Returns the change of each step in two lines: the factor, and its levels before and after."""
    first = cells.to_dict("records")[0]
    return ["\n".join(change_labels(step.change, baseline=first)).replace(": ", ":\n") for step in steps]


SCRIPT = FigureScript("path", compose, ("more",))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
