"""How does the objective depend on the number of convolutions (`conv_depth`)?"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import factors
from analysis.figure import FigureError, objective_words
from analysis.script import Script, Source
from analysis.words import short

FACTOR = "conv_depth"


def draw(table: pd.DataFrame, *, ax: Axes) -> Axes:
    """Every cell over the number of convolutions, and each number's mean with its interval."""
    return factors.draw(table, factor=FACTOR, ax=ax)


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a study that varies the number of convolutions."""
    table = source.table
    study = str(table["study"].iloc[0])
    if FACTOR not in factors.drawable(table):
        raise FigureError(f"{study}: {FACTOR} has no two levels with complete cells; `analysis.factors` draws others")
    title = f"How does {short(objective_words(table))} depend on the number of convolutions?"
    return factors.assemble(table, factors=[FACTOR], title=title), study


SCRIPT = Script("depth", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
