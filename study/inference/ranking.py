"""The order of points from best to worst."""

import pandas as pd

from study.space.objective import Direction


def best_first(means: pd.DataFrame, *, direction: Direction) -> pd.DataFrame:
    """Returns the rows of `means`, those with the best column `mean` first. Equal ones stay in their order."""
    return means.sort_values("mean", ascending=direction == "minimize", kind="stable")
