"""Ranking: the best mean first, by the study's direction."""

import pandas as pd

from study.inference.ranking import best_first

MEANS = pd.DataFrame({"point": ["a", "b", "c"], "mean": [0.2, 0.5, 0.3], "n": [1, 2, 3]})


def test_the_direction_says_which_mean_is_best() -> None:
    assert list(best_first(MEANS, direction="maximize")["point"]) == ["b", "c", "a"]
    assert list(best_first(MEANS, direction="minimize")["point"]) == ["a", "c", "b"]


def test_rows_keep_their_other_columns() -> None:
    assert list(best_first(MEANS, direction="maximize")["n"]) == [2, 3, 1]
