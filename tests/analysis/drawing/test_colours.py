"""Colours: one for each level, the same in every figure."""

import pytest

from analysis.drawing import colours
from analysis.drawing.style import style
from study.inference.changes import from_label


def test_a_level_has_one_colour_however_much_of_the_study_is_there() -> None:
    points = ["baseline", "conv_depth=2", "conv_depth=7", "width=8", "conv_depth=2 width=8"]
    changes = [from_label(point) for point in points]
    palette = colours.level_colours(changes, factor="conv_depth")
    assert palette == colours.level_colours(changes[::-1], factor="conv_depth")
    assert set(palette) == {"2", "7"}
    assert len(set(palette.values()) - {style().ink}) == 2


@pytest.mark.parametrize("count", [1, 3, 10, 25])
def test_distinct_levels_have_distinct_colours(count: int) -> None:
    for level in ("name{}", "{}"):
        changes = [{"factor": level.format(turn)} for turn in range(count)]
        assert len(set(colours.level_colours(changes, factor="factor").values())) == count
