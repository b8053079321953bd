"""The Pareto front of an objective and what it costs."""

import pandas as pd

from study.inference import pareto as tradeoff
from study.space.objective import Objective


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
    assert tradeoff.pareto(pd.DataFrame([*rows, searched]), objectives) == ["a", "b", "baseline"]
