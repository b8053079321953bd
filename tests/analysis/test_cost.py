"""The cost's plot: every cell over what it cost, and a line through the points worth it."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_hex

from analysis import cost
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from analysis.priced_points import PricedPoints
from study.inference import pareto
from tests.analysis.synthetic_tables import axes, bars, csv, dots, sweep, table


def test_every_cell_and_interval_is_drawn_and_the_front_joined() -> None:
    cells = table()
    ax = cost.draw(PricedPoints(cells), cost="parameters", ax=axes())
    assert len(dots(ax)) == len(cells)
    costs = pareto.costs(cells)
    drawn = [(x, low, high) for x, low, _, high in bars(ax)]
    expected = map(tuple, costs[["parameters", "low", "high"]].to_numpy())
    assert sorted(drawn) == [pytest.approx(row) for row in sorted(expected)]
    assert {x for x, _ in dots(ax)} == set(cells["parameters"])
    worth = costs[pareto.worth(costs, cost="parameters", direction="maximize")].sort_values("parameters")
    (front,) = [line for line in ax.lines if line.get_color() == style().grey and line.get_linestyle() == "-"]
    assert np.asarray(front.get_xydata()) == pytest.approx(worth[["parameters", "mean"]].to_numpy())


def test_points_worth_it_are_coloured_alike_in_every_panel(tmp_path: Path) -> None:
    palette = PricedPoints(table()).colours
    assert palette["baseline"] == style().ink
    assert all(to_hex(colour) == colour for colour in palette.values())
    made = cost.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    assert [ax.get_xlabel().partition(" ")[0] for ax in made.figure.axes[:3]] == ["parameters", "FLOPs", "seconds"]
    legend = made.figure.axes[3].get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 6  # Every point has a name, those that are on no front too.
    shades = {text.get_text(): text.get_color() for text in made.figure.axes[0].texts}
    assert sorted(shades) == list("123456")
    assert len({to_hex(shade) for shade in shades.values()} & set(palette.values())) == len(palette)


def test_a_search_averages_what_it_confirmed_and_shows_the_rest(tmp_path: Path) -> None:
    cells = sweep()
    ax = cost.draw(PricedPoints(cells), cost="seconds", ax=axes())
    assert (len(dots(ax)), len(bars(ax))) == (len(cells), 3)
    made = cost.compose(Source(str(csv(cells, tmp_path / "s.csv")), tmp_path))
    assert "A search's own cells are dots alone." in made.details


def test_a_cost_that_was_not_recorded_has_no_panel(tmp_path: Path) -> None:
    cells = table().drop(columns=["flops"]).assign(parameters=None)
    made = cost.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    assert [ax.get_xlabel() for ax in made.figure.axes[:-1]] == ["seconds (one trial)"]
    with pytest.raises(FigureError, match="has any of parameters, flops, seconds"):
        cost.compose(Source(str(csv(cells.drop(columns="seconds"), tmp_path / "u.csv")), tmp_path))


def test_the_answer_goes_from_the_cheapest_point_of_the_front_to_the_best() -> None:
    cells = table()
    points = pareto.costs(cells)
    front = points[pareto.worth(points, cost="parameters", direction="maximize")].sort_values("parameters")
    first, last = front.iloc[0], front.iloc[-1]
    assert cost.answer(PricedPoints(cells)) == (
        f"By parameters, {len(front)} of 6 points are worth their cost, {first['point']} "
        f"({first['parameters'] / 1000:g} k parameters; {first['mean']:.3f}) to {last['point']} "
        f"({last['parameters'] / 1000:g} k parameters; {last['mean']:.3f})."
    )
    fewer = cost.answer(PricedPoints(cells.assign(direction="minimize")))
    assert fewer.startswith("By parameters, ") or fewer.startswith("No other point is worth its parameters: ")
    same = cost.answer(PricedPoints(cells.assign(parameters=5, flops=7.0).drop(columns="seconds")))
    assert same.startswith(f"All points cost the same; pooling=flatten is best, {points['mean'].max():.3f} (")
