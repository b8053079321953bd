"""The figure of a path: a row a step, with the point that it reached and what its change brought."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import path
from analysis.drawing.panels import make_panels
from analysis.drawing.source import FigureError, Source
from study.errors import InferenceError
from study.inference.path_steps import PathStep, path_steps
from tests.analysis.synthetic_tables import BASE, bars, csv, dots, table
from tests.ledger.launches import run
from tests.trial_functions import space

SECOND = {**BASE, "width": 8}


def tables() -> list[pd.DataFrame]:
    first = table([{}, {"conv_depth": 7}, {"width": 8}], seeds=4).assign(study="whole_path1")
    second = table([{}, {"conv_depth": 7}], base=SECOND, seeds=5).assign(study="whole_path2")
    return [first, second]


def drawn() -> tuple[list[PathStep], pd.DataFrame]:
    steps = path_steps(tables())
    return steps, path.reached(tables(), steps, study="whole")


def test_each_point_is_shown_with_the_most_seeds_that_it_has() -> None:
    _, cells = drawn()
    assert dict(cells["point"].value_counts()) == {"baseline": 4, "width=8": 5, "conv_depth=7": 5}
    assert set(cells["study"]) == {"whole"}


def test_rows_are_in_the_order_taken_and_bars_hold_for_all_changes_tried() -> None:
    steps, cells = drawn()
    figure, axes = make_panels(2)
    points, gains = path.draw(steps, cells, axes=axes)
    names = [text.get_text().replace("\n", " ") for text in points.get_yticklabels()]
    assert names == ["baseline", "trunk width: 16 → 8", "trunk depth: 4 → 7"]
    expected = [(step.effect.joint_low, row, step.effect.joint_high, row) for row, step in enumerate(steps, start=1)]
    assert bars(gains) == [pytest.approx(bar) for bar in expected]
    assert len(dots(points)) == 14
    figure.clear()


def test_the_answer_tells_every_change_in_the_order_taken() -> None:
    steps, cells = drawn()
    answer = path.answer(steps, cells)
    assert answer.startswith("From 0.")
    assert answer.index("width=8") < answer.index(", then conv_depth=7 (")


def exported(folder: Path) -> list[str]:
    return [str(csv(one, folder / f"step{turn}.csv")) for turn, one in enumerate(tables(), start=1)]


def test_exported_steps_are_given_one_after_another(tmp_path: Path) -> None:
    first, second = exported(tmp_path)
    made = path.compose(Source(first, tmp_path), more=[second])
    assert made.study == "whole_path1"
    assert "3 points × 4 to 5 seeds" in made.caption
    alone = path.compose(Source(first, tmp_path))
    assert "then" not in alone.answer
    with pytest.raises(InferenceError, match="give the steps in their order"):
        path.compose(Source(second, tmp_path), more=[first])


def test_a_step_that_is_not_finished_is_not_drawn(tmp_path: Path) -> None:
    first, second = tables()
    second.loc[0, "state"] = "missing"
    names = [str(csv(one, tmp_path / f"{turn}.csv")) for turn, one in enumerate([first, second])]
    assert "then" not in path.compose(Source(names[0], tmp_path), more=names[1:]).answer
    with pytest.raises(FigureError, match="the first step has missing cells"):
        path.compose(Source(names[1], tmp_path))


def test_a_study_without_a_path_says_how_to_make_one(tmp_path: Path) -> None:
    run(tmp_path, space())
    with pytest.raises(FigureError, match="the store has no path of it; `study ablate played --path` makes one"):
        path.compose(Source("played", tmp_path))


def test_an_exported_study_that_is_no_step_has_no_path(tmp_path: Path) -> None:
    file = csv(table(), tmp_path / "quick.csv")
    with pytest.raises(
        FigureError, match="no step of a path; `study export` writes each step, such as synthetic_path1"
    ):
        path.compose(Source(str(file), tmp_path))
