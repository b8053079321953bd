"""Panels: their arrangement, and that marks which are moved aside stay inside the limits."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba_array

from analysis.drawing import panels
from analysis.drawing.panels import Shift
from analysis.drawing.style import style
from tests.analysis.synthetic_tables import axes, bars, dots


def slots(given: list[Axes]) -> list[tuple[int, int, int]]:
    """The row, the first and the last column of each panel."""
    specs = [ax.get_subplotspec() for ax in given]
    return [(spec.rowspan.start, spec.colspan.start, spec.colspan.stop - 1) for spec in specs if spec is not None]


@pytest.mark.parametrize(
    ("count", "last_fills_row", "places"),
    [
        (1, False, [(0, 0, 0)]),
        (1, True, [(0, 0, 0)]),
        (4, False, [(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)]),
        (3, True, [(0, 0, 0), (0, 1, 1), (1, 0, 1)]),
    ],
)
def test_two_panels_stand_in_a_row(count: int, last_fills_row: bool, places: list[tuple[int, int, int]]) -> None:
    figure, made = panels.make_panels(count, height=2, last_fills_row=last_fills_row)
    assert slots(made) == places
    assert figure.get_size_inches() == pytest.approx((style().width, 2 * (places[-1][0] + 1)))


def test_a_shared_axis_is_labelled_once_a_row() -> None:
    _, made = panels.make_panels(4)
    for ax in made:
        ax.set_ylabel("accuracy")
    panels.keep_outer_labels(made)
    assert [ax.get_ylabel() for ax in made] == ["accuracy", "", "accuracy", ""]
    assert made[0].get_shared_y_axes().joined(made[0], made[3])
    _, apart = panels.make_panels(2, sharey=False)
    assert not apart[0].get_shared_y_axes().joined(*apart)


def test_dots_are_moved_on_paper_and_stay_inside_the_limits() -> None:
    ax = axes()
    panels.draw_dots(ax, 2, [1, 5], colour="red", shift=Shift(right=-36, up=18))
    assert dots(ax) == [(2, 1), (2, 5)]
    moved = panels.shifted(ax, Shift(right=-36, up=18)).transform([(2, 1)]) - ax.transData.transform([(2, 1)])
    assert moved[0] == pytest.approx(np.array([-36, 18]) / 72 * ax.figure.dpi)
    low, high = ax.get_ylim()
    assert low < 1 < 5 < high


@pytest.mark.parametrize("colour", ["red", ["red", "blue", "red"]])
def test_opened_dots_are_rings_in_the_colour_of_the_others(colour: str | list[str]) -> None:
    ax = axes()
    panels.draw_dots(ax, [1, 2, 3], 5, colour=colour, opened=pd.Series([False, True, False]))
    (marks,) = ax.collections
    inside, lines = np.asarray(marks.get_facecolor()), np.asarray(marks.get_edgecolor())
    assert inside[:, 3] == pytest.approx([0.6, 0, 0.6])
    assert lines == pytest.approx(np.broadcast_to(to_rgba_array(colour, alpha=0.6), (3, 4)))
    assert [width > 0 for width in np.asarray(marks.get_linewidth())] == [False, True, False]


def test_a_mean_is_drawn_between_the_ends_of_its_interval() -> None:
    ax = axes()
    panels.draw_mean(ax, 3, {"mean": 0.5, "low": 0.4, "high": 0.7}, colour="red")
    assert bars(ax) == [pytest.approx((3, 0.4, 3, 0.7))]


def test_a_figure_shows_itself_in_a_notebook() -> None:
    figure, _ = panels.make_panels(1, height=1)
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
