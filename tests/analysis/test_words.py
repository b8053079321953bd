"""Words, colours and places of names and levels."""

import numpy as np
import pandas as pd
import pytest

from analysis import words
from tests.analysis.synthetic_tables import axes


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("val_acc", ["metric.val_number_acc"], "validation accuracy (share of digits)"),
        ("val_acc", [], "validation accuracy"),
        ("val_number_acc", ["metric.val_number_acc"], "validation accuracy (share of whole numbers)"),
        ("loss", [], "training loss"),
        ("val_top_k", [], "validation top k"),
        ("val_digit_1_acc", [], "validation digit 1 accuracy"),
    ],
)
def test_metrics_in_words(name: str, columns: list[str], said: str) -> None:
    assert words.metric_words(name, columns) == said


def test_factors_levels_and_points_in_words() -> None:
    assert words.factor_words("conv_depth") == "trunk depth"
    assert words.factor_words("label_smoothing") == "label smoothing"
    assert [words.level_words(level) for level in ("global_max", "true", "10000", "0.001")] == [
        "global max",
        "on",
        "10,000",
        "0.001",
    ]
    assert words.point_words("conv_depth=2 pooling=flatten") == "trunk depth: 2, pooling: flatten"
    assert words.point_words("baseline") == "baseline"


def test_a_level_reads_the_same_from_the_store_and_from_a_file() -> None:
    from_store: list[object] = [np.int64(7), np.float64(0.001), np.bool_(True), "flatten"]
    from_file: list[object] = [7, 0.001, True, "flatten"]
    assert list(map(words.level_text, from_store)) == list(map(words.level_text, from_file))


def test_a_level_has_one_colour_however_much_of_the_study_is_there() -> None:
    points = ["baseline", "conv_depth=2", "conv_depth=7", "width=8", "conv_depth=2 width=8"]
    colours = words.colours(points, factor="conv_depth")
    assert colours == words.colours(points[::-1], factor="conv_depth")
    assert set(colours) == {"2", "7"}
    assert len(set(colours.values()) - {words.INK}) == 2


@pytest.mark.parametrize("count", [1, 3, 10, 25])
def test_distinct_levels_have_distinct_colours(count: int) -> None:
    for level in ("name{}", "{}"):
        points = [f"factor={level.format(turn)}" for turn in range(count)]
        assert len(set(words.colours(points, factor="factor").values())) == count


def test_numbers_stand_at_their_value_and_names_at_their_turn() -> None:
    assert words.places(pd.Series([4, 2, 7, 2])) == {2: 2.0, 4: 4.0, 7: 7.0}
    assert words.places(pd.Series(["max", "average", "max"])) == {"max": 0.0, "average": 1.0}
    assert words.places(pd.Series([True, False])) == {True: 0.0, False: 1.0}
    assert words.places(pd.Series(["library", 0, 1], dtype=object)) == {"library": 0.0, 0: 1.0, 1: 2.0}


@pytest.mark.parametrize(
    ("levels", "scale"),
    [([1, 2, 9], "linear"), ([1e-4, 1e-3, 1e-2], "log"), ([0, 0.5, 100], "linear"), ([1, 30], "linear")],
)
def test_a_wide_range_stands_on_a_logarithm(levels: list[float], scale: str) -> None:
    ax = axes()
    words.set_levels(ax, words.places(pd.Series(levels)))
    assert ax.get_xscale() == scale
    assert list(ax.get_xticks()) == levels
    assert not ax.xaxis.get_minorticklocs().size


@pytest.mark.parametrize(
    ("values", "said"), [([0.25, -0.5], "0.250"), ([4e-5, 0.0], "2.50e-01"), ([3e6], "2.50e-01"), ([], "0.250")]
)
def test_values_are_written_with_as_many_digits_as_they_need(values: list[float], said: str) -> None:
    assert f"{0.25:{words.digits(values)}}" == said


def test_many_numbers_have_the_usual_ticks() -> None:
    ax = axes()
    words.set_levels(ax, words.places(pd.Series(np.linspace(1, 2, 40))))
    assert len(ax.get_xticks()) < 16
