"""Points with their costs: which have a colour and a number, and that they are computed once."""

import pandas as pd
import pytest

from analysis import priced_points
from analysis.priced_points import PricedPoints
from study.inference import pareto
from tests.analysis.synthetic_tables import table


def test_only_so_many_points_have_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(priced_points, "MOST_NAMED", 4)
    priced = PricedPoints(table())
    assert len(priced.numbers) == 4
    assert list(priced.numbers.values()) == sorted(priced.numbers.values())
    assert set(list(priced.colours)[:4]) <= set(priced.numbers) | {"baseline"}


def test_points_on_a_front_have_a_colour_of_their_own_and_the_others_are_grey() -> None:
    priced = PricedPoints(table())
    on_front = {point for cost in priced.recorded for point in priced.front(cost)["point"]} | {"baseline"}
    assert on_front == set(priced.colours)
    shades = [priced.colour(point) for point in priced.points["point"]]
    grey = priced.colour("no such point")
    assert {point for point, shade in zip(priced.points["point"], shades, strict=True) if shade != grey} == on_front


def test_means_and_costs_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, compute = [], pareto.costs

    def count(cells: pd.DataFrame) -> pd.DataFrame:
        counted.append(1)
        return compute(cells)

    monkeypatch.setattr(pareto, "costs", count)
    priced = PricedPoints(table())
    assert priced.numbers and priced.colours and not priced.front("parameters").empty
    assert len(counted) == 1
