"""The Pareto front of an objective and what it costs."""

import numpy as np
import pandas as pd

from study.inference import pareto
from study.space.objective import Objective
from tests.analysis.synthetic_tables import table


def test_the_pareto_front_is_of_means_and_costs() -> None:
    objectives = (Objective("val_acc", "maximize"), Objective("parameters", "minimize"))
    means = {"baseline": (0.5, 10), "a": (0.7, 30), "b": (0.6, 20), "c": (0.6, 25)}
    rows = [
        {"point": point, "state": "complete", "phase": "confirm", "objective": "val_acc", "parameters": size}
        | {"metric.val_acc": mean + offset}
        for point, (mean, size) in means.items()
        for offset in (-0.01, 0.01)
    ]
    searched = {**rows[0], "point": "lucky", "phase": "search", "metric.val_acc": 0.9}
    assert pareto.pareto(pd.DataFrame([*rows, searched]), objectives) == ["a", "b", "baseline"]


def test_the_front_holds_what_no_other_beats() -> None:
    points = pd.DataFrame({"mean": [0.3, 0.5, 0.5, 0.2, 0.4, 0.9], "price": [1, 2, 3, 2, 2, np.nan]})
    assert list(pareto.worth(points, cost="price", direction="maximize")) == [True, True, False, False, False, False]
    assert list(pareto.worth(points, cost="price", direction="minimize")) == [True, False, False, True, False, False]


def test_points_of_the_same_cost_and_mean_share_the_front() -> None:
    points = pd.DataFrame({"mean": [0.3, 0.3], "price": [1, 1]})
    assert list(pareto.worth(points, cost="price", direction="maximize")) == [True, True]


def test_costs_are_means_over_the_cells_of_a_point() -> None:
    costs = pareto.costs(table()).set_index("point")
    assert tuple(costs.loc["conv_depth=2", ["parameters", "flops", "seconds"]]) == (2_000, 1_000_000, 33)
    assert costs.loc["width=8", "n"] == 3
