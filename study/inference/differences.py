"""How far each cell lies from the baseline's mean. The intervals of mean differences are in `effects`."""

import pandas as pd

from study.inference.cell_table import check_baseline, complete, objective
from study.space.trial import BASELINE


def seed_differences(table: pd.DataFrame) -> pd.DataFrame:
    """Returns a row for each complete cell: its point, its seed and its `difference` from the baseline's mean."""
    cells = complete(table)
    values = cells[objective(table)].astype(float)
    check_baseline(table, cells)
    baseline = values[cells["point"] == BASELINE]
    return cells[["point", "seed"]].assign(difference=values - baseline.mean())
