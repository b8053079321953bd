"""Learning curves: a thin line a cell, a thick one a point, the last epoch's interval beside it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from analysis import curves
from analysis.drawing.source import FigureError, Source
from analysis.point_curves import PointCurves
from study.inference import intervals
from tests.analysis.synthetic_tables import axes, csv, epochs, grid, sweep, table


def lines(ax: Axes, *, width: float) -> list[Line2D]:
    return [line for line in ax.lines if line.get_linewidth() == width]


def of(frame: pd.DataFrame, metric: str = "val_acc") -> PointCurves:
    return PointCurves.of(frame, metric=metric)


def test_seeds_are_thin_and_their_mean_is_thick() -> None:
    frame = epochs(table())
    ax = curves.draw(of(frame), factor="conv_depth", ax=axes())
    assert len(lines(ax, width=0.8)) == 9
    means = intervals.curves(frame, metric="val_acc")
    thick = {str(line.get_label()): np.asarray(line.get_ydata()) for line in lines(ax, width=2.4)}
    assert list(thick) == ["baseline", "2", "7"]
    assert thick["2"] == pytest.approx(means.loc[means["point"] == "conv_depth=2", "mean"].to_numpy())


def test_the_last_epochs_interval_stands_beside_it_and_inside_the_limits() -> None:
    cells = table()
    ax = curves.draw(of(epochs(cells)), factor="width", ax=axes())
    drawn = [tuple(map(float, np.asarray(line.get_ydata()))) for line in lines(ax, width=1.8)]
    groups = [cells.loc[cells["point"] == point, "metric.val_acc"] for point in ("baseline", "width=8")]
    assert drawn == [pytest.approx(intervals.mean_interval(values)[1:]) for values in groups]
    low, high = ax.get_ylim()
    assert all(low < end < high for ends in drawn for end in ends)


def test_a_curve_that_ends_early_is_dotted_in_no_mean_and_counted(tmp_path: Path) -> None:
    frame = epochs(table(states={("conv_depth=2", 0): "diverged"}))
    ax = curves.draw(of(frame), factor="conv_depth", ax=axes())
    dotted = [line for line in lines(ax, width=0.8) if line.get_linestyle() == ":"]
    assert [len(np.asarray(line.get_xdata())) for line in dotted] == [3]
    made = curves.compose(Source(str(csv(frame, tmp_path / "e.csv")), tmp_path))
    caption = made.details
    assert "17 whole curves (6 points, 2 to 3 seeds each)" in caption
    assert "Curves that end early: 1 (dotted, in no mean)." in caption


def test_a_panel_a_factor_and_one_for_joint_changes(tmp_path: Path) -> None:
    made = curves.compose(Source(str(csv(epochs(grid()), tmp_path / "e.csv")), tmp_path))
    assert made.study == "synthetic"
    *alone, joint = made.figure.axes
    assert [ax.get_title(loc="left") for ax in alone] == ["coordinates as input", "pooling", "trunk depth"]
    legend = joint.get_legend()
    assert legend is not None
    assert [text.get_text()[:3] for text in legend.get_texts()] == [f"{turn}: " for turn in range(1, 7)]
    assert [text.get_text() for text in joint.texts] == ["baseline", *map(str, range(1, 7))]
    assert len(lines(joint, width=0.8)) == 3 * (1 + 7)


def test_names_stand_at_the_lines_ends(tmp_path: Path) -> None:
    frame = epochs(table())
    made = curves.compose(Source(str(csv(frame, tmp_path / "e.csv")), tmp_path))
    ax = made.figure.axes[0]
    final = intervals.curves(frame, metric="val_acc").query("epoch == 6").set_index("point")["mean"]
    named = {text.get_text(): text.xy for text in ax.texts if isinstance(text, Annotation)}
    ends = {"baseline": final["baseline"], "2": final["conv_depth=2"], "7": final["conv_depth=7"]}
    assert named == {name: pytest.approx((6, end)) for name, end in ends.items()}
    assert ax.get_legend() is None


def test_where_a_search_chose_only_fresh_seeds_are_drawn_and_averaged(tmp_path: Path) -> None:
    cells = sweep()
    made = curves.compose(Source(str(csv(epochs(cells), tmp_path / "e.csv")), tmp_path))
    (ax,) = made.figure.axes
    assert len(lines(ax, width=0.8)) == 9
    # The search's own values of these points are 0.9.
    assert max(float(np.asarray(line.get_ydata()).max()) for line in ax.lines) < 0.5
    confirmed = cells[cells["phase"] == "confirm"]
    best = confirmed.groupby("point")["metric.val_acc"].mean()
    assert made.answer.startswith(f"After 6 epochs {best.idxmax()} is best, {best.max():.3f} (")
    search = epochs(cells[cells["phase"] == "search"])
    assert len(of(search).epochs) == len(search)


def test_the_answer_is_the_best_end_and_the_next(tmp_path: Path) -> None:
    cells = table()
    answer = curves.answer(of(epochs(cells)))
    means = cells.groupby("point")["metric.val_acc"].mean().sort_values(ascending=False)
    interval = intervals.mean_interval(cells.loc[cells["point"] == means.index[0], "metric.val_acc"])
    assert answer == (
        f"After 6 epochs {means.index[0]} is best, {interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f}), "
        f"before {means.index[1]}, {means.iloc[1]:.3f}."
    )
    assert "(" not in curves.answer(of(epochs(table(seeds=1))))


def test_small_is_better_for_a_loss() -> None:
    frame = epochs(grid())
    ax = curves.draw(of(frame, metric="loss"), factor=None, ax=axes())
    final = intervals.curves(frame, metric="loss").query("epoch == 6").set_index("point")["mean"]
    joint = final[[" " in point for point in final.index]].sort_values()
    second = np.asarray(lines(ax, width=2.4)[1].get_ydata())[-1]
    assert second == pytest.approx(joint.iloc[0])


def test_curves_that_all_end_in_nan_are_refused(tmp_path: Path) -> None:
    frame = epochs(table())
    frame.loc[frame["epoch"] == 6, "metric.val_acc"] = np.nan
    with pytest.raises(FigureError, match="no curve of val_acc reaches its last epoch"):
        curves.compose(Source(str(csv(frame, tmp_path / "e.csv")), tmp_path))


def test_a_metric_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = str(csv(epochs(table()), tmp_path / "e.csv"))
    with pytest.raises(FigureError, match="no metric 'f1'; there are: val_acc, loss"):
        curves.compose(Source(path, tmp_path, "f1"))
    assert curves.compose(Source(path, tmp_path, "loss")).figure.axes[0].get_ylabel() == "training loss"


def seeds_drawn() -> tuple[int, list[list[float]]]:
    """How many thin lines there are, and where they lead."""
    cells = table(states={("width=8", 0): "pruned"})
    found = lines(curves.draw(of(epochs(cells)), factor="width", ax=axes()), width=0.8)
    places = np.concatenate([np.asarray(line.get_xydata(), float) for line in found])
    return len(found), sorted(places[np.isfinite(places[:, 0])].tolist())


def test_thousands_of_curves_share_a_line_of_their_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    separate = seeds_drawn()
    monkeypatch.setattr(curves, "MOST_LINES", 5)
    together = seeds_drawn()
    assert (separate[0], together[0]) == (6, 3)  # Two points of three seeds; one curve is dotted.
    assert together[1] == separate[1]
