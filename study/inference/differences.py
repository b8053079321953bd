"""How far each cell lies from the baseline's mean. The intervals of mean differences are in `conclusions`."""

import pandas as pd

from study.errors import InferenceError
from study.inference.cell_table import complete, objective
from study.space.trial import BASELINE


def seed_differences(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a row for each complete cell: its point, its seed and its `difference` from the baseline's mean."""
    cells = complete(table)
    values = cells[objective(table)].astype(float)
    baseline = values[cells["point"] == BASELINE]
    if baseline.empty:
        raise InferenceError("no cell of the baseline is complete: there is nothing to compare with")
    return cells[["point", "seed"]].assign(difference=values - baseline.mean())
