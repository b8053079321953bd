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
from analysis.figure import FigureError
from analysis.script import Source, arguments, reported
from study.errors import StudyError

MODULES = (depth, damage, factors, curves, ablation, heatmap, positions, confusion, cost, trace, importance, claims)
SCRIPTS = tuple(module.SCRIPT for module in MODULES)
ALONE = ([depth.FACTOR], [damage.FACTOR])
"""Factors with a figure of their own: where nothing else was varied, that of all factors would be the same."""


def draw_all(source: Source) -> None:
    """Draw what suits the source; FigureError where nothing does."""
    reasons: dict[str, str] = {}
    for script in SCRIPTS:
        try:
            if script is factors.SCRIPT and factors.drawable(source.table) in ALONE:
                continue
            print(script.draw(source))
        except StudyError as error:
            reasons[script.name] = str(error)
    if len(reasons) == len(SCRIPTS):
        raise FigureError("\n".join(dict.fromkeys(reasons.values())))
    if reasons:
        print(f"not for this study: {', '.join(reasons)}; each says why: python -m analysis.NAME", file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run all scripts; the exit status."""
    given = arguments("analysis", __doc__ or "").parse_args(argv)
    return reported("analysis", lambda: draw_all(Source(given.name, given.store)))


if __name__ == "__main__":
    raise SystemExit(main())
