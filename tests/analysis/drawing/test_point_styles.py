"""Styles of points: one colour and label each, in the order of the legend."""

from analysis.drawing.colours import level_colours
from analysis.drawing.point_styles import joint_change_styles, single_change_styles
from analysis.drawing.style import style
from study.inference.changes import Changes, from_label


def points(*labels: str) -> dict[str, Changes]:
    """Each point with what it changes, as a table has it."""
    return {label: from_label(label) for label in labels}


POINTS = points("baseline", "conv_depth=7", "conv_depth=10", "conv_depth=2", "pooling=flatten", "conv_depth=2 width=8")


def test_points_that_change_only_the_factor_have_its_levels_colours_and_labels() -> None:
    styles = single_change_styles(POINTS, factor="conv_depth")
    # Numbers are in their order, not in that of the table or of the alphabet.
    assert list(styles) == ["baseline", "conv_depth=2", "conv_depth=7", "conv_depth=10"]
    assert [look.label for look in styles.values()] == ["baseline", "2", "7", "10"]
    palette = level_colours(POINTS.values(), factor="conv_depth")
    assert [look.colour for look in styles.values()] == [style().ink, palette["2"], palette["7"], palette["10"]]


def test_names_keep_the_tables_order() -> None:
    changes = points("baseline", "pooling=global_max", "pooling=flatten", "pooling=average")
    labels = [look.label for look in single_change_styles(changes, factor="pooling").values()]
    assert labels == ["baseline", "global max", "flatten", "average"]


def test_joint_changes_have_distinct_colours_and_full_labels() -> None:
    changes = points(*(f"conv_depth=2 width={width}" for width in (8, 16, 32)))
    styles = joint_change_styles(changes)
    assert list(styles) == ["baseline", *changes]
    assert styles["conv_depth=2 width=8"].label == "trunk depth: 2, trunk width: 8"
    assert len({style.colour for style in styles.values()}) == 4
