"""How each point looks in a panel that draws several points: its colour and its label in the legend."""

from collections.abc import Mapping
from typing import NamedTuple

from analysis.drawing.colours import distinct_colours, level_colours
from analysis.drawing.labels import level_label, point_label
from analysis.drawing.level_axis import as_numbers
from analysis.drawing.style import style
from study.inference.changes import Changes
from study.space.trial import BASELINE


class PointStyle(NamedTuple):
    """How a point looks."""

    colour: str
    label: str
    """Its text in the legend. Empty for a point that stays in the background."""


Styles = dict[str, PointStyle]
"""The style of each point to draw, in the order of the legend."""


def single_change_styles(points: Mapping[str, Changes], *, factor: str) -> Styles:
    """Returns the styles of the baseline and of the points that change only this factor. `points` maps to changes."""
    palette = level_colours(points.values(), factor=factor)
    levels = {point: change[factor] for point, change in points.items() if list(change) == [factor]}
    if as_numbers(levels.values()) is not None:
        levels = dict(sorted(levels.items(), key=lambda item: float(item[1])))
    styles = {point: PointStyle(palette[level], level_label(level)) for point, level in levels.items()}
    return {BASELINE: PointStyle(style().ink, BASELINE)} | styles


def joint_change_styles(points: Mapping[str, Changes]) -> Styles:
    """Returns the styles of the baseline and of these points, which change several factors: a distinct colour each."""
    styled = zip(points.items(), distinct_colours(len(points)), strict=False)
    styles = {point: PointStyle(shade, point_label(change)) for (point, change), shade in styled}
    return {BASELINE: PointStyle(style().ink, BASELINE)} | styles
