"""Names at the ends of lines: beside their line, and never on each other."""

from itertools import pairwise

import pytest

from analysis.drawing.line_names import LineName, apart, name_lines
from tests.analysis.synthetic_tables import axes


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([1, 5, 9], [1, 5, 9]),
        ([5, 5], [4, 6]),
        ([5, 1, 5], [6, 1, 4]),
        ([1, 1.5, 2], [-0.5, 1.5, 3.5]),
        ([], []),
    ],
)
def test_names_move_as_little_as_needed(places: list[float], expected: list[float]) -> None:
    moved = apart(places, gap=2)
    assert sorted(moved) == pytest.approx(sorted(expected))
    assert sorted(range(len(places)), key=lambda one: (places[one], one)) == sorted(
        range(len(places)), key=lambda one: moved[one]
    )


def test_names_do_not_touch() -> None:
    ax = axes()
    ax.set_ylim(0, 1)
    names = [LineName(f"line {turn}", 0.5 + turn / 1000, "red") for turn in range(6)]
    name_lines(names, x=1, right=5, ax=ax)
    ax.figure.draw_without_rendering()  # type: ignore[union-attr]
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert len(boxes) == 6
    assert all(low.y1 <= high.y0 + 1 for low, high in pairwise(boxes))
