"""What does each change to the baseline do to the objective? Its difference, interval and verdict in a row."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from analysis.drawing.caption import interval_sentence
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import change_labels, objective_label, without_brackets
from analysis.drawing.level_axis import set_round_ticks
from analysis.drawing.panels import DASHED, Shift, draw_dots, extend_limits, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import cell_table
from study.inference.changes import changes
from study.inference.differences import seed_differences
from study.inference.effects import HOW, Effect, compute_effects
from study.inference.learned import did_not_learn
from study.inference.nuisance import at_best_nuisance
from study.inference.tally import tally
from study.inference.verdict import verdict_text
from study.inference.verdict_rule import Verdict
from study.space.trial import BASELINE
from study.terminal import Digits

BELOW_MEAN = Shift(up=-7)
"""Seeds stand below their mean, so that neither hides the other."""
ROW = 0.33
"""Inches of height that a change takes."""
LINE = 0.19
"""Inches of height that a line of its name takes."""
WIDEST_NAME = 27
"""Characters in a line of a change's name."""
WIDEST_VERDICT = 24
"""Characters in a line of a verdict."""
NUMBER_SPACE = "\N{FIGURE SPACE}"
"""As wide as a digit."""
MOST_ROWS = 60
"""The most changes that have a row: the best half and the worst half of them."""
NO_BREAK = "\N{NO-BREAK SPACE}"


class Look(NamedTuple):
    """How a verdict looks: in colour and, for those who print without colour, in shape."""

    colour: str
    marker: str
    filled: bool


def look_of(verdict: Verdict) -> Look:
    """Returns how a verdict looks in the style in use."""
    looks: Mapping[Verdict, Look] = {
        "helps": Look(style().helps, "^", True),
        "hurts": Look(style().hurts, "v", True),
        "looks better": Look(style().helps, "^", False),
        "looks worse": Look(style().hurts, "v", False),
        "no difference": Look(style().ink, "s", False),
        "undecided": Look(style().grey, "o", False),
        "confounded": Look(style().grey, "x", False),
    }
    return looks[verdict]


def draw(table: pd.DataFrame, *, ax: Axes, effects: Sequence[Effect] | None = None) -> Axes:
    """Draws a forest plot, the best change first: every seed's difference from the baseline's mean, the mean
    difference with its own interval, and the interval of all changes at once.

    `effects` are those of `ranked(table)`, if they are known already.
    """
    effects = drawn(ranked(table) if effects is None else effects)
    rows = {effect.point: row for row, effect in enumerate(effects)} | {BASELINE: len(effects)}
    ax.axvline(0, color=style().ink, linewidth=1, linestyle=DASHED, alpha=0.5, zorder=1)
    _shade_margin(cell_table.declared(table).margin, ax=ax)
    colours = {effect.point: look_of(effect.verdict).colour for effect in effects} | {BASELINE: style().ink}
    seeds = seed_differences(shown(table))
    failed = did_not_learn(shown(table))
    for name, differences in seeds[seeds["point"].isin(rows)].groupby("point", sort=False)["difference"]:
        point, opened = str(name), failed[differences.index]
        draw_dots(ax, differences, rows[point], shift=BELOW_MEAN, colour=colours[point], opened=opened)
    ax.plot(0, rows[BASELINE], "D", color=style().ink, markersize=6)
    for effect in effects:
        _draw_effect(effect, row=rows[effect.point], ax=ax)
    _write_verdicts(effects, ax=ax)
    _label_axes(effects, table, ax=ax)
    return ax


def compose(source: Source) -> Composed:
    """Returns the figure with its one panel. The baseline and at least one change need complete cells."""
    table = at_best_nuisance(source.table)
    effects = ranked(table)
    names = _names(drawn(effects), table)
    beside = [_folded(verdict_text(effect)) for effect in drawn(effects)]
    lines = [max(len(name.splitlines()), len(text.splitlines())) for name, text in zip(names, beside, strict=True)]
    heights = [max(ROW, LINE * count) for count in [*lines, 1]]
    figure, (ax,) = make_panels(1, height=0.9 + max(heights) * len(heights))
    draw(table, ax=ax, effects=effects)
    _add_key(effects, ax=ax)
    return Composed.about(
        shown(table),
        figure,
        title=f"What does each change to the baseline do to {without_brackets(objective_label(table))}?",
        answer=tally(effects),
        marks=_marks(table) + _not_drawn(effects),
        note=_note(table, len(effects)) + _not_drawn(effects),
        rings=bool(did_not_learn(shown(table)).any()),
    )


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Returns the cells that have a row: those that compare, without joint changes that have a single seed.

    A search tries many such changes, and a single seed allows no interval.
    """
    cells = cell_table.comparable(table)
    seeds = cell_table.complete(cells).groupby("point").size()
    joint = {point for point, change in changes(cells).items() if len(change) > 1}
    return cells[[point not in joint or seeds.get(point, 0) > 1 for point in cells["point"]]]


def ranked(table: pd.DataFrame) -> list[Effect]:
    """Returns an effect for each row, from the change that helps most to the one that hurts most."""
    if effects := compute_effects(shown(table)):
        sign = cell_table.declared(table).sign
        return sorted(effects, key=lambda effect: -sign * effect.difference)
    raise FigureError(f"{table['study'].iloc[0]}: no change to the baseline has complete cells that compare with it")


def drawn(effects: Sequence[Effect]) -> list[Effect]:
    """Returns the effects that have a row: all of them, or of very many the best and the worst ones."""
    half = MOST_ROWS // 2
    return list(effects) if len(effects) <= MOST_ROWS else [*effects[:half], *effects[-half:]]


def _not_drawn(effects: Sequence[Effect]) -> str:
    count = len(effects) - len(drawn(effects))
    changes = "change" if count == 1 else "changes"
    return f" Not shown: {count:,} {changes} between the best and the worst {MOST_ROWS // 2}." if count else ""


def _marks(table: pd.DataFrame) -> str:
    method = HOW[cell_table.declared(table).method].partition(",")[0]
    return f"Dots: seeds. Bars: 95 % intervals by {method}; verdicts: p adjusted for all changes, below 0.05."


def _note(table: pd.DataFrame, changes: int) -> str:
    """Explains the marks, the verdicts and what is not drawn."""
    declared, used = cell_table.declared(table), cell_table.complete(shown(table))
    marks = f"Dots are seeds, marks the mean differences, thick bars their 95 % intervals by {HOW[declared.method]}"
    if changes > 1:
        marks += f", each alone; thin bars: those of all {changes} at once. Verdicts: p adjusted for {changes} changes"
    if declared.margin is not None:
        marks += f"; grey: the margin, ±{declared.margin:g}"
    hidden = len(cell_table.complete(table)) - len(used)
    search = f" {hidden} cells of the search itself are not drawn." if hidden else ""
    return interval_sentence(used, f"{marks}.") + search


def _shade_margin(margin: float | None, *, ax: Axes) -> None:
    if margin is not None:
        ax.axvspan(-margin, margin, color=style().grey, alpha=0.15, linewidth=0, zorder=0)


def _draw_effect(effect: Effect, *, row: int, ax: Axes) -> None:
    """Draws the interval of all changes at once thin and with caps, because the verdict allows for all of them, too."""
    colour, marker, filled = look_of(effect.verdict)
    bar: dict[str, Any] = {"color": colour, "fmt": "none", "zorder": 2}
    for low, high, width, cap in (
        (effect.joint_low, effect.joint_high, 1.0, 3.5),
        (effect.low, effect.high, 3.2, 0.0),
    ):
        if np.isfinite(low):
            ends = [[effect.difference - low], [high - effect.difference]]
            ax.errorbar(effect.difference, row, xerr=ends, elinewidth=width, capsize=cap, **bar)
    face = colour if filled else style().ground
    mark: dict[str, Any] = {"markerfacecolor": face, "markeredgewidth": 1.5, "markersize": 7}
    ax.plot(effect.difference, row, marker, color=colour, zorder=3, **mark)
    extend_limits(ax, [end for end in (effect.joint_low, effect.joint_high) if np.isfinite(end)] or [0], row)


def _write_verdicts(effects: Sequence[Effect], *, ax: Axes) -> None:
    """Writes each difference and its verdict at the right of its row."""
    halves = [effect.high - effect.difference for effect in effects]
    digits = Digits.of([effect.difference for effect in effects], halves=halves)
    for row, effect in enumerate(effects):
        number = f"{digits.show(effect.difference, signed=True)}  "
        text = _folded(verdict_text(effect)).replace("\n", f"\n{len(number) * NUMBER_SPACE}")
        place: dict[str, Any] = {
            "transform": ax.get_yaxis_transform(),
            "va": "center",
            "fontsize": 0.95 * style().small,
        }
        ax.text(1.01, row, number + text, color=style().ink, **place)


def _folded(verdict: str) -> str:
    """Returns a verdict in lines that break only after a comma."""
    lines = [""]
    for part in verdict.split(", "):
        longer = f"{lines[-1]}, {part}" if lines[-1] else part
        lines = [*lines[:-1], longer] if len(longer) <= WIDEST_VERDICT or not lines[-1] else [*lines, part]
    return ",\n".join(lines)


def _label_axes(effects: Sequence[Effect], table: pd.DataFrame, *, ax: Axes) -> None:
    names = [*_names(effects, table), BASELINE]
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    set_round_ticks(ax.xaxis)
    # A power of ten that all ticks share would stand on the label.
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}".replace("-", "−")))
    better = "right" if cell_table.declared(table).sign > 0 else "left"
    ax.set_xlabel(f"difference in {without_brackets(objective_label(table))}; further {better} is better", loc="left")


def _add_key(effects: Sequence[Effect], *, ax: Axes) -> None:
    """Adds the key of verdicts and bars below the panel."""
    present = [effect.verdict for effect in effects]
    marks = [_key_mark(verdict) for verdict in get_args(Verdict) if verdict in present]
    bars = [Line2D([], [], color=style().ink, linewidth=3.2, label="95 %, this one alone")]
    if len(effects) > 1:
        bars.append(Line2D([], [], color=style().ink, linewidth=1, marker="|", label=f"all {len(effects)} at once"))
    down = ScaledTranslation(0, -4.2 * style().text / 72, ax.figure.dpi_scale_trans)
    below = blended_transform_factory(ax.figure.transFigure, ax.transAxes) + down
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.005, 0), "bbox_transform": below}
    ax.legend(handles=[*marks, *bars], ncols=3, frameon=False, borderaxespad=0, columnspacing=1.2, **place)


def _key_mark(verdict: Verdict) -> Line2D:
    colour, marker, filled = look_of(verdict)
    face = colour if filled else style().ground
    return Line2D(
        [], [], color=colour, marker=marker, markerfacecolor=face, markersize=7, linestyle="none", label=verdict
    )


def _names(effects: Sequence[Effect], table: pd.DataFrame) -> list[str]:
    """Returns each change in lines that break only between its factors: `activation: relu → gelu`."""
    first, by_point = table[table["point"] == BASELINE].to_dict("records")[0], changes(table)
    return [_in_lines(change_labels(by_point[effect.point], baseline=first)) for effect in effects]


def _in_lines(labels: Sequence[str]) -> str:
    whole = [label.replace(" ", NO_BREAK) for label in labels]
    text = ", ".join(whole) if len(whole) > 1 else whole[0].replace(f":{NO_BREAK}", ": ")
    return textwrap.fill(text, WIDEST_NAME, break_long_words=False, break_on_hyphens=False)


SCRIPT = FigureScript("ablation", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
