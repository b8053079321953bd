"""The trace: the trials in order, the best so far, what did not end well, and the confirmed points."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import trace
from analysis.drawing.source import FigureError, Source
from study.inference import cell_table, intervals
from tests.analysis.synthetic_tables import axes, bars, csv, dots, sweep, table


def troubled() -> pd.DataFrame:
    cells = sweep()
    cells.loc[4, "state"] = "pruned"
    cells.loc[5, "state"] = "failed"
    cells.loc[5, "metric.val_acc"] = np.nan
    return cells


def test_each_trial_stands_in_its_turn() -> None:
    cells = troubled()
    ax = trace.draw(cells, ax=axes())
    values = cells["metric.val_acc"]
    assert sorted(dots(ax)) == [pytest.approx((i, values[i])) for i in range(17) if i not in (4, 5)]
    marks = {str(line.get_label()): np.asarray(line.get_xydata()) for line in ax.lines}
    assert marks["pruned"].tolist() == [[4, values[4]]]
    assert len(marks["failed"]) == 0
    lost = [line for line in ax.lines if line.get_transform() == ax.get_xaxis_transform()]
    assert [x for line in lost for x in np.asarray(line.get_xdata())] == [5]


def test_the_best_so_far_is_of_complete_trials_and_minds_the_direction() -> None:
    cells = troubled()
    cells.loc[:2, "metric.val_acc"] = [0.1, 0.3, 0.2]
    cells.loc[4, "metric.val_acc"] = 0.99
    searched = cell_table.search_history(cells)
    assert list(searched["best"][:6]) == pytest.approx([0.1, 0.3, 0.3, *[cells.loc[3, "metric.val_acc"]] * 3])
    fewer = cell_table.search_history(cells.assign(direction="minimize"))
    assert set(fewer["best"]) == {0.1}


def test_confirmed_points_have_every_seed_and_interval_the_best_first() -> None:
    cells = sweep()
    ax = trace.draw_confirmed(cells, ax=axes())
    assert len(dots(ax)) == 9
    means = intervals.means(cells[cells["phase"] == "confirm"], by=["point"]).sort_values("mean", ascending=False)
    drawn = [(low, high) for _, low, _, high in bars(ax)]
    assert drawn == [pytest.approx(ends) for ends in zip(means["low"], means["high"], strict=True)]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "1", "baseline"]


def test_what_was_tried_stands_below(tmp_path: Path) -> None:
    made = trace.compose(Source(str(csv(troubled(), tmp_path / "s.csv")), tmp_path))
    top, confirmed, width, rate = made.figure.axes
    assert [ax.get_ylabel() for ax in (width, rate)] == ["trunk width", "learning rate"]
    assert len(dots(width)) == len(dots(rate)) == 17
    assert confirmed.get_shared_y_axes().joined(confirmed, top)
    caption = made.details
    assert "Left out: 1 pruned, 1 failed." in caption
    assert "Best confirmed: trunk width: " in caption


def test_a_search_that_is_under_way_has_a_trace(tmp_path: Path) -> None:
    cells = sweep().head(5)
    made = trace.compose(Source(str(csv(cells, tmp_path / "s.csv")), tmp_path))
    assert "Nothing was confirmed on fresh seeds yet." in made.details


def test_a_study_without_a_search_has_none(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="no search with a complete cell"):
        trace.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))


def test_the_answer_is_the_best_trial_and_what_fresh_seeds_say_of_it() -> None:
    cells = sweep()
    means = intervals.means(cells[cells["phase"] == "confirm"], by=["point"]).to_dict("records")
    best = max(means, key=lambda row: float(row["mean"]))
    ends = f"{best['mean']:.3f} ({best['low']:.3f} to {best['high']:.3f})"
    assert trace.answer(cells) == (
        f"Of 17 trials the best was trial 0, 0.900; on fresh seeds the point of trial 2 is best of 3 points, {ends}."
    )
    assert trace.answer(cells[cells["phase"] == "search"]).endswith(
        "the search chose by this value, so it is too good."
    )
    fewer = cells.assign(direction="minimize")
    assert "the baseline is best of 3 points" in trace.answer(fewer)


def test_levels_of_a_logarithmic_space_stand_on_a_logarithmic_axis_with_round_ticks() -> None:
    ax = trace.draw_tried(sweep(), factor="learning_rate", ax=axes(), log=True)
    assert ax.get_yscale() == "log"
    low, high = ax.get_ylim()
    shown = [f"{tick:g}" for tick in ax.get_yticks() if low <= tick <= high]
    assert {"0.001", "0.01"} & set(shown)
    assert trace.draw_tried(sweep(), factor="learning_rate", ax=axes(), log=False).get_yscale() == "linear"


def test_many_names_have_a_tick_each() -> None:
    names = [f"name{turn}" for turn in range(8)]
    cells = sweep()
    cells["level.width"] = [names[turn % 8] for turn in range(len(cells))]
    cells["changes"] = [f'{{"width": "{name}"}}' for name in cells["level.width"]]
    cells["point"] = [f"width={name}" for name in cells["level.width"]]
    ax = trace.draw_tried(cells, factor="width", ax=axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == names


def test_ticks_of_levels_do_not_touch() -> None:
    widths = [16, 32, 64, 80, 96]
    cells = sweep()
    cells["level.width"] = [widths[turn % 5] for turn in range(len(cells))]
    cells["changes"] = [f'{{"width": {width}}}' for width in cells["level.width"]]
    cells["point"] = [f"width={width}" for width in cells["level.width"]]
    ax = trace.draw_tried(cells, factor="width", ax=axes(), log=False)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["16", "64", "96"]
