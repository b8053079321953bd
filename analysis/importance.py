"""Which factors do a search's or a grid's results hang on? Shares by two of Optuna's evaluators."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figure import FigureError, caption, entitle, objective_words, panels
from analysis.script import Script, Source
from analysis.words import factor_words, short
from study.inference.cell_table import InferenceError
from study.inference.importance import Evaluator, importances, judged

COLOURS: Mapping[Evaluator, str] = {"fANOVA": "#2a6f97", "PED-ANOVA": "#c9a227"}
MEANS: Mapping[Evaluator, str] = {
    "fANOVA": "fANOVA (Optuna's): the share of the values' variance that a random forest ascribes to the factor alone.",
    "PED-ANOVA": "PED-ANOVA (Optuna's): how far the best tenth's levels of the factor differ from all cells'.",
}
NO_EFFECT = (
    "Neither is an effect: it has no direction, unit or interval, and other levels or another search give others."
)
Shares = Mapping[Evaluator, Mapping[str, float]]


def draw(shares: Shares, *, ax: Axes) -> Axes:
    """A bar for each factor and evaluator; the factors in the first evaluator's order."""
    factors = list(next(iter(shares.values())))
    height = 0.8 / len(shares)
    for turn, (evaluator, values) in enumerate(shares.items()):
        rows = np.arange(len(factors)) + height * (turn - (len(shares) - 1) / 2)
        widths = [values[factor] for factor in factors]
        bars = ax.barh(rows, widths, height * 0.9, color=COLOURS[evaluator], label=evaluator)
        ax.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    ax.set_yticks(range(len(factors)), [factor_words(factor) for factor in factors])
    ax.set_ylim(len(factors) - 0.4, -0.6)
    ax.margins(x=0.1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share of all factors' importance")
    ax.legend(title="evaluator", loc="lower right")
    return ax


def compose(source: Source) -> tuple[Figure, str]:
    """The one panel, of a sweep or a grid; without scikit-learn PED-ANOVA alone."""
    table = source.table
    shares: dict[Evaluator, Mapping[str, float]] = {}
    lacking = []
    for evaluator in get_args(Evaluator):
        try:
            shares[evaluator] = importances(table, evaluator=evaluator)
        except InferenceError as error:
            lacking.append(str(error))
    if not shares:
        raise FigureError(f"{table['study'].iloc[0]}: {lacking[0]}")
    figure, (ax,) = panels(1, height=1.6 + 0.6 * len(next(iter(shares.values()))))
    draw(shares, ax=ax)
    said = [MEANS[evaluator] for evaluator in shares] + [f"{reason}." for reason in lacking] + [NO_EFFECT]
    title = f"Which factors does {short(objective_words(table))} hang on?"
    entitle(figure, title=title, caption=caption(judged(table), note=" ".join(said)))
    return figure, str(table["study"].iloc[0])


SCRIPT = Script("importance", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
