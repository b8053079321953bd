"""Does the effect of one factor change over another? A line for each level, and below the gap to the baseline's."""

from textwrap import shorten
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from analysis.drawing.caption import interval_sentence
from analysis.drawing.colours import level_colours
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, level_label, mean_text, objective_label, without_brackets
from analysis.drawing.level_axis import LARGEST, is_logarithmic, level_positions, set_level_axis
from analysis.drawing.line_names import LineName, name_lines
from analysis.drawing.panels import DASHED, LEFT_OF_MEAN, draw_dots, draw_means, make_figure
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table, intervals
from study.inference.changes import changes
from study.inference.columns import level_column
from study.inference.crossing import FEWEST, Crossing, crossings, growth_sentence
from study.inference.intervals import Interval
from study.inference.learned import did_not_learn
from study.inference.nuisance import at_best_nuisance
from study.space.hints import some
from study.space.printable import printable
from study.terminal import Digits

MARKS = {
    False: "Dots: seeds; bars: 95 % intervals, of gaps by Welch's t.",
    True: "Dots: seeds; bars: 95 % intervals, of gaps by pairs of seeds.",
}
"""What the marks are. The second is of a study that compares results on the same seed."""
EXTRAPOLATED = "Dashed: extrapolated, a straight line through the means of the last three levels."
MOST_NAMED = 4
"""So many lines have their end in the answer."""
LOOK: dict[str, Any] = {"markersize": 4.5, "capsize": 3, "linewidth": 1.4}


def draw(crossing: Crossing, *, failed: "pd.Series[bool]", ax: Axes) -> Axes:
    """Draws for each level of the second factor every seed, the means over the first factor, and their intervals.

    `failed` says which cells are rings: seeds that did not learn.
    """
    for name, colour in colours(crossing).items():
        cells = crossing.values[crossing.values["variant"] == name]
        opened = failed[cells.index]
        draw_dots(ax, cells["level"], cells["value"], shift=LEFT_OF_MEAN, colour=colour, opened=opened)
        means = intervals.means(crossing.cells.loc[cells.index], by=[level_column(crossing.over)])
        _draw_line(means, pd.to_numeric(means[level_column(crossing.over)]), colour=colour, ax=ax)
    ax.set_ylabel(objective_label(crossing.table).replace(" (", "\n("))
    return ax


def draw_gaps(crossing: Crossing, *, ax: Axes) -> Axes:
    """Draws the gap of each level to the baseline's, with its interval, over the first factor."""
    ax.axhline(0, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5)
    for name in crossing.variants:
        if gaps := crossing.gaps(name):
            rows = pd.DataFrame([gap._asdict() for gap in gaps.values()]).rename(columns={"value": "mean"})
            _draw_line(rows, pd.Series(list(gaps), dtype=float), colour=colours(crossing)[name], ax=ax)
    ax.set_ylabel(f"gap to\n{shorten(level_label(crossing.standard), 14, placeholder='…')}")
    return ax


def colours(crossing: Crossing) -> dict[str, str]:
    """Returns the colour of each level of the second factor, the baseline's first."""
    palette = level_colours(changes(crossing.table).values(), factor=crossing.between)
    return {name: style().ink if name == crossing.standard else palette[name] for name in crossing.names}


def draw_extrapolated(crossing: Crossing, *, to: float, log: bool, ax: Axes) -> Axes:
    """Draws where a straight line through each level's last three means points, with its interval."""
    for name, there in extrapolations(crossing, to=to, log=log).items():
        last = [level for level in crossing.levels if (name, level) in crossing.samples][-1]
        here = crossing.extrapolated(name, to=last, log=log) or there
        colour = colours(crossing)[name]
        ax.plot([last, to], [here.mean, there.mean], color=colour, linewidth=1.2, linestyle=DASHED)
        bar = [[there.mean - there.low], [there.high - there.mean]]
        ax.errorbar(to, there.mean, yerr=bar, color=colour, fmt="o", markerfacecolor=style().ground, **LOOK)
    return ax


def extrapolations(crossing: Crossing, *, to: float, log: bool) -> dict[str, Interval]:
    """Returns where each level's line points, of those that have one."""
    found = {name: crossing.extrapolated(name, to=to, log=log) for name in crossing.names}
    return {name: end for name, end in found.items() if end is not None}


def compose(source: Source, *, factors: list[str] | None = None, to: float | None = None) -> Composed:
    """Returns the figure. The first of `factors` is the horizontal axis; without them the longest curve is taken.

    With `to` the lines are extended to this level.
    """
    crossing = _chosen(at_best_nuisance(source.table), factors)
    failed = did_not_learn(crossing.table)
    figure = make_figure(4.6)
    above, below = figure.subplots(2, sharex=True, height_ratios=[2, 1])
    draw(crossing, failed=failed, ax=above)
    draw_gaps(crossing, ax=below)
    levels, positive = crossing.values["level"], crossing.levels[0] > 0
    log = positive and is_logarithmic(crossing.levels, declared=source.is_logarithmic(crossing.over))
    if to is not None:
        if not crossing.levels[-1] < to < LARGEST:
            most = f"{crossing.levels[-1]:g}"
            raise FigureError(f"--to {to:g}: must be a number above the largest level of {crossing.over}, {most}")
        draw_extrapolated(crossing, to=to, log=log, ax=above)
        levels = pd.concat([levels, pd.Series([to])])
    set_level_axis(below, level_positions(levels), log=log if positive else None)
    below.set_xlabel(factor_label(crossing.over))
    _name_lines(crossing, x=float(levels.max()), to=to, log=log, ax=above)
    over, between = factor_label(crossing.over), factor_label(crossing.between)
    marks, lost = MARKS[crossing.pairs], int(failed[crossing.values.index].sum())
    explained = interval_sentence(cell_table.complete(crossing.cells), marks)
    if to is not None:
        marks = f"{marks} {EXTRAPOLATED}"
        explained = f"{explained} {EXTRAPOLATED} Its bars hold if the line is straight."
    return Composed.about(
        crossing.cells,
        figure,
        title=f"Does the effect of {between} on {without_brackets(objective_label(crossing.table))} depend on {over}?",
        answer=printable(f"{growth_sentence(crossing)}{_extrapolation(crossing, to=to, log=log)}{_lost(lost)}"),
        marks=marks,
        note=explained,
        rings=lost > 0,
    )


def _draw_line(rows: pd.DataFrame, levels: "pd.Series[float]", *, colour: str, ax: Axes) -> None:
    ax.plot(levels, rows["mean"], color=colour, linewidth=1.2, zorder=1)
    draw_means(ax, levels, rows, colour=colour, **LOOK)


def _name_lines(crossing: Crossing, *, x: float, to: float | None, log: bool, ax: Axes) -> None:
    """Names each line at its end. The panel's limits must be final."""
    ends = {} if to is None else extrapolations(crossing, to=to, log=log)
    names = []
    for name, colour in colours(crossing).items():
        last = [float(sample.mean()) for (who, _), sample in crossing.samples.items() if who == name][-1]
        names.append(LineName(level_label(name), ends[name].mean if name in ends else last, colour))
    name_lines(names, x=x, right=10, ax=ax)


def _extrapolation(crossing: Crossing, *, to: float | None, log: bool) -> str:
    """Says where the lines point, if anybody asks."""
    if to is None:
        return ""
    ends = extrapolations(crossing, to=to, log=log)
    if not ends:
        return f" Not extrapolated: a line needs {FEWEST} levels that ran in the same environment."
    digits = Digits.of([end.mean for end in ends.values()], halves=[end.high - end.mean for end in ends.values()])
    said = [f"{level_label(name)} {_end_text(crossing, end, digits)}" for name, end in ends.items()]
    return f" Extrapolated to {crossing.over}={to:g}: {some(said, most=MOST_NAMED)}."


def _lost(seeds: int) -> str:
    """Says how many seeds did not learn, because they drive the means."""
    return f" {seeds} {'trial' if seeds == 1 else 'trials'} did not learn." if seeds else ""


def _end_text(crossing: Crossing, end: Interval, digits: Digits) -> str:
    if crossing.is_share and not 0 <= end.mean <= 1:
        return f"beyond {end.mean > 1:d}, so its line must bend"
    return mean_text(end._asdict(), digits)


def _chosen(table: pd.DataFrame, factors: list[str] | None) -> Crossing:
    study, found = table["study"].iloc[0], crossings(table)
    if not found:
        way = 'this needs a grid (`kind = "grid"` in [design]) with three levels or more of a number'
        raise FigureError(f"{study}: no numeric factor was varied together with another one; {way}")
    if factors is None:
        return found[0]
    if chosen := [one for one in found if [one.over, one.between] == factors]:
        return chosen[0]
    pairs = ", ".join(f"{one.over} {one.between}" for one in found)
    raise FigureError(
        f"{study}: {' '.join(factors)} are no numeric factor and another one, varied together; take one of: {pairs}"
    )


SCRIPT = FigureScript("interaction", compose, ("--factors", "--to"))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
