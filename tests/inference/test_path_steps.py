"""A path takes the change that gains most at each step, and its steps must follow one another."""

import pandas as pd
import pytest

from study.errors import InferenceError
from study.inference.effects import compute_effects
from study.inference.path_steps import path_steps, taken_change
from study.space.trial import label
from tests.analysis.synthetic_tables import BASE, table

FIRST = [{}, {"conv_depth": 7}, {"width": 8}]
SECOND = {**BASE, "width": 8}
DIVERGED = {(point, seed): "diverged" for point in ("width=8", "conv_depth=7") for seed in range(3)}


def steps() -> list[pd.DataFrame]:
    first = table(FIRST)
    second = table([{}, {"conv_depth": 7}], base=SECOND).assign(study="second")
    return [first, second]


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_the_change_that_gains_most_is_taken(direction: str) -> None:
    cells = table(direction=direction)
    gains = {e.point: e.difference * (1 if direction == "maximize" else -1) for e in compute_effects(cells)}
    assert taken_change(cells).point == max(gains, key=gains.__getitem__)


def test_a_path_tells_what_each_step_took_and_what_it_did_not() -> None:
    one, two = path_steps(steps())
    assert (one.change, one.study, [e.point for e in one.others]) == ({"width": "8"}, "synthetic", ["conv_depth=7"])
    assert (two.change, two.study, two.others) == ({"conv_depth": "7"}, "second", [])
    assert one.effect in compute_effects(table(FIRST))


def test_a_level_that_is_the_tasks_own_is_not_named() -> None:
    first, second = steps()
    unnamed = {name: level for name, level in SECOND.items() if name != "width"}
    assert len(path_steps([first, second.assign(baseline=f"mask=0 {label(unnamed)}")])) == 2


@pytest.mark.parametrize("wrong", ["order", "skipped", "elsewhere", "unfinished", "joint", "none"])
def test_steps_that_do_not_follow_are_refused(wrong: str) -> None:
    first, second = steps()
    tables, message = {
        "order": ([second, first], "synthetic does not go on where second ended"),
        "skipped": ([first, table([{}, {"conv_depth": 7}])], "does not go on where synthetic ended"),
        "elsewhere": ([first, second.assign(baseline=f"mask=1 {label(SECOND)}")], "does not go on"),
        "unfinished": ([table(FIRST, states={("width=8", 1): "missing"})], "1 cells are missing"),
        "joint": ([table([{}, {"conv_depth": 7, "width": 8}])], "changes one factor, not conv_depth=7 width=8"),
        "none": ([table(FIRST, states=DIVERGED)], "no change has a complete cell"),
    }[wrong]  # fmt: skip
    with pytest.raises(InferenceError, match=message):
        path_steps(tables)
