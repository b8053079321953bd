"""A study's table with another metric in the objective's place, so that every question may be asked of it, too."""

import math

import pandas as pd

from study.errors import InferenceError
from study.inference.columns import CHANCE, LOOKS, METRIC, with_prefix
from study.space.hints import hint
from study.space.objective import Direction

_SMALL_IS_BETTER = {
    *("loss", "error", "mae", "mse", "mape", "msle", "rmse", "hinge", "crossentropy", "entropy", "divergence"),
    *("perplexity", "distance", "poisson", "cosh", "wer", "cer", "fid"),
}
"""Words in the name of a metric of which less is better. Of any other metric, more is."""


def usual_direction(metric: str) -> Direction:
    """Returns whether more or less of a metric is better, by the words in its name, as Keras's callbacks do."""
    return "minimize" if _SMALL_IS_BETTER & set(metric.lower().split("_")) else "maximize"


def with_metric(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Returns the table of cells as if this metric were the objective.

    The margin, the looks and what chance scores are the objective's, so none of these is left.

    Raises InferenceError if no cell has the metric.
    """
    metrics = with_prefix(table, METRIC)
    if metric not in metrics:
        raise InferenceError(f"no metric {metric!r}{hint(metric, metrics)}")
    if (table["objective"] == metric).all():
        return table
    others = table.drop(columns=[name for name in (LOOKS, CHANCE) if name in table])
    return others.assign(objective=metric, direction=usual_direction(metric), margin=math.nan)
