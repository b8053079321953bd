"""Every figure that there is, and all that suit a study."""

import sys
from typing import Any

from analysis import (
    ablation,
    claims,
    confusion,
    cost,
    curves,
    damage,
    depth,
    factors,
    heatmap,
    importance,
    interaction,
    path,
    positions,
    saliency,
    trace,
)
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import FigureError, Source, UnwritableError
from study.errors import StudyError

MODULES = (
    depth,
    damage,
    factors,
    curves,
    ablation,
    heatmap,
    interaction,
    positions,
    confusion,
    saliency,
    cost,
    trace,
    importance,
    path,
    claims,
)
SCRIPTS = tuple(module.SCRIPT for module in MODULES)
_ONLY_FACTOR = ([depth.FACTOR], [damage.FACTOR])
"""Factors with a figure of their own. If nothing else was varied, the figure of all factors would show the same."""


def repeats_another(script: FigureScript, source: Source) -> bool:
    """Whether a figure would show the same as one that the only factor has for itself."""
    return script is factors.SCRIPT and factors.drawable(source.table) in _ONLY_FACTOR


def draw_all(source: Source, **how: Any) -> None:
    """Draws each figure that suits the source. Raises FigureError if none does."""
    reasons: dict[str, str] = {}
    for script in SCRIPTS:
        try:
            if script is saliency.SCRIPT and (cost := saliency.cost(source)):
                way = f"`study plot saliency {source.name}` draws it"
                print(f"not drawn: saliency, because {cost}; {way}", file=sys.stderr)
            elif not repeats_another(script, source):
                print(script.draw(source, **how))
        except UnwritableError:
            raise  # No other figure could be written either.
        except StudyError as error:
            reasons[script.name] = str(error)
    _report(reasons)


def _report(reasons: dict[str, str]) -> None:
    """Names the figures that were not drawn. Each reason is given only if it holds for all of them."""
    if len(reasons) == len(SCRIPTS):
        raise FigureError("\n".join(dict.fromkeys(reasons.values())))
    if reasons:
        print(f"not for this study: {', '.join(reasons)}; each says why: study plot KIND NAME", file=sys.stderr)
