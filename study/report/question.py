"""The question of a study, for a report whose study has no description of its own."""

import pandas as pd

from study.inference import cell_table


def question(table: pd.DataFrame) -> str:
    """Returns what the study asks, as its factors and its design tell it."""
    factors, metric = cell_table.varied(table), cell_table.objective_name(table)
    if "search" in cell_table.search_phases(table):
        return f"Which point of the search space has the best {metric}?"
    if not factors:
        return f"Which {metric} does the baseline reach?"
    if len(factors) == 1:
        return f"How does {metric} depend on {factors[0]}?"
    if cell_table.crossed_pairs(table):
        return f"How does {metric} depend on {', '.join(factors[:-1])} and {factors[-1]} together?"
    return f"What does each change to the baseline do to {metric}?"
