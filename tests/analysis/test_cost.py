"""The cost's plot: every cell over what it cost, and a line through the points worth it."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from analysis import cost
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.inference import pareto
from tests.analysis.synthetic_tables import axes, bars, csv, dots, sweep, table


def test_every_cell_and_interval_is_drawn_and_the_front_joined() -> None:
    cells = table()
    ax = cost.draw(cells, cost="parameters", ax=axes())
    assert len(dots(ax)) == len(cells)
    costs = pareto.costs(cells)
    assert [(x, low, high) for x, low, _, high in bars(ax)] == [
        pytest.approx(row) for row in costs[["parameters", "low", "high"]].to_numpy()
    ]
    worth = costs[pareto.worth(costs, cost="parameters", direction="maximize")].sort_values("parameters")
    (front,) = [line for line in ax.lines if line.get_color() == style().grey and len(np.asarray(line.get_xdata())) > 1]
    assert np.asarray(front.get_xydata()) == pytest.approx(worth[["parameters", "mean"]].to_numpy())


def test_points_worth_it_are_coloured_alike_in_every_panel(tmp_path: Path) -> None:
    palette = cost.point_colours(table())
    assert palette["baseline"] == style().ink
    assert all(to_hex(colour) == colour for colour in palette.values())
    made = cost.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    assert [ax.get_xlabel().partition(" ")[0] for ax in made.figure.axes[:3]] == ["parameters", "FLOPs", "seconds"]
    legend = made.figure.axes[3].get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == len(palette)


def test_a_search_averages_what_it_confirmed_and_shows_the_rest(tmp_path: Path) -> None:
    cells = sweep()
    ax = cost.draw(cells, cost="seconds", ax=axes())
    assert (len(dots(ax)), len(bars(ax))) == (len(cells), 3)
    made = cost.compose(Source(str(csv(cells, tmp_path / "s.csv")), tmp_path))
    assert "A search's own cells are dots alone." in made.details


def test_a_cost_that_was_not_recorded_has_no_panel(tmp_path: Path) -> None:
    cells = table().drop(columns=["flops"]).assign(parameters=None)
    made = cost.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    assert [ax.get_xlabel() for ax in made.figure.axes[:-1]] == ["seconds (one trial)"]
    with pytest.raises(FigureError, match="has any of parameters, flops, seconds"):
        cost.compose(Source(str(csv(cells.drop(columns="seconds"), tmp_path / "u.csv")), tmp_path))
