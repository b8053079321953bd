"""Draw every figure that suits a study, in one process; print where each is."""

import sys
from collections.abc import Sequence

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
    positions,
    trace,
)
from analysis.drawing.figure_script import exit_status, make_parser
from analysis.drawing.source import FigureError, Source
from study.errors import StudyError

MODULES = (depth, damage, factors, curves, ablation, heatmap, positions, confusion, cost, trace, importance, claims)
SCRIPTS = tuple(module.SCRIPT for module in MODULES)
ONLY_FACTOR = ([depth.FACTOR], [damage.FACTOR])
"""Factors with a figure of their own. If nothing else was varied, the figure of all factors would show the same."""


def draw_all(source: Source) -> None:
    """Draws each figure that suits the source. Raises FigureError if none does."""
    reasons: dict[str, str] = {}
    for script in SCRIPTS:
        try:
            if script is factors.SCRIPT and factors.drawable(source.table) in ONLY_FACTOR:
                continue
            print(script.draw(source))
        except StudyError as error:
            reasons[script.name] = str(error)
    _report(reasons)


def _report(reasons: dict[str, str]) -> None:
    """Names the figures that were not drawn. Each reason is given only if it holds for all of them."""
    if len(reasons) == len(SCRIPTS):
        raise FigureError("\n".join(dict.fromkeys(reasons.values())))
    if reasons:
        print(f"not for this study: {', '.join(reasons)}; each says why: python -m analysis.NAME", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs all scripts. Returns the exit status."""
    given = make_parser("analysis", __doc__ or "").parse_args(argv)
    return exit_status("analysis", lambda: draw_all(Source(given.name, given.store)))


if __name__ == "__main__":
    raise SystemExit(main())
