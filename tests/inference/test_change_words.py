"""A point's change in words, as the table of effects shows it."""

from study.inference.change_words import change_words
from study.inference.nuisance import at_best_nuisance
from tests.analysis.synthetic_tables import grid, table


def test_a_single_change_tells_what_was_there_before() -> None:
    assert change_words(table()) == {
        "baseline": "",
        "conv_depth=2": "4 → 2",
        "conv_depth=7": "4 → 7",
        "width=8": "16 → 8",
        "pooling=global_average": "global_max → global_average",
        "pooling=flatten": "global_max → flatten",
    }


def test_a_joint_change_tells_nothing_because_its_name_does() -> None:
    words = change_words(grid())
    assert words["conv_depth=2 coordinates=true"] == ""
    assert words["coordinates=true"] == "false → true"


def test_the_best_levels_of_nuisance_factors_follow() -> None:
    words = change_words(at_best_nuisance(grid().assign(nuisance="conv_depth")))
    assert words["coordinates=true"].startswith("false → true, conv_depth ")


def test_without_a_baseline_only_the_new_level_is_known() -> None:
    cells = table()
    assert change_words(cells[cells["point"] == "width=8"]) == {"width=8": "8"}
