"""On which factors do the results of a search or a grid depend most? Shares by two of Optuna's evaluators."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.labels import factor_label, objective_label, without_brackets
from analysis.drawing.panels import DASHED, legend_below, make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from study.errors import InferenceError
from study.inference import cell_table
from study.inference.importance import SHUFFLES, Evaluator, Importance, evaluated_cells
from study.space.printable import printable
from study.sweep.distributions import distributions

EXPLANATIONS: Mapping[Evaluator, str] = {
    "fANOVA": "fANOVA (Optuna's): the share of the values' variance that a random forest ascribes to the factor alone.",
    "PED-ANOVA": "PED-ANOVA (Optuna's): how far the best tenth's levels of the factor differ from all cells'.",
}
NO_EFFECT = (
    "Neither is an effect: it has no direction, unit or interval, and other levels or another search give others."
)
JOURNAL = (
    "The space is that of Optuna's journal. Programs that open the journal show other shares: they also count the "
    "confirming cells, and leave out a factor that does not exist at every point. Here the baseline counts there."
)
GUESSED = "A table does not hold the space, so ranges are guessed to end where the cells do; the store's are exact."
Shares = Mapping[Evaluator, Mapping[str, float]]
"""Evaluator → factor → its share."""
BY_CHANCE = (
    f"Dashed: what PED-ANOVA ascribes at most to a factor when values are shuffled among the cells, {SHUFFLES} times. "
    "Shares add up to 1, so some factor leads even if none matters."
)
MARKS = "Dashed: what chance gives, from shuffled values. No share is an effect: it has no direction or unit."


def colour_of(evaluator: Evaluator) -> str:
    """Returns the colour of an evaluator's bars."""
    return style().blue if evaluator == "fANOVA" else "#c9a227"


def draw(shares: Shares, *, ax: Axes, chance: float | None = None) -> Axes:
    """Draws a bar for each factor and evaluator. The factors are in the first evaluator's order.

    A dashed line is the share of PED-ANOVA that chance gives.
    """
    factors = list(next(iter(shares.values())))
    height = 0.8 / len(shares)
    for turn, (evaluator, values) in enumerate(shares.items()):
        rows = np.arange(len(factors)) + height * (turn - (len(shares) - 1) / 2)
        widths = [values[factor] for factor in factors]
        bars = ax.barh(rows, widths, height * 0.9, color=colour_of(evaluator), label=evaluator)
        ax.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    if chance is not None:
        label = "PED-ANOVA, values shuffled"
        ax.axvline(chance, color=colour_of("PED-ANOVA"), linestyle=DASHED, linewidth=1.2, label=label)
    ax.set_yticks(range(len(factors)), [factor_label(factor) for factor in factors])
    ax.set_ylim(len(factors) - 0.4, -0.6)
    ax.margins(x=0.1)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("share of all factors' importance")
    legend_below(ax)
    return ax


def answer(table: pd.DataFrame, shares: Shares, *, chance: float | None = None) -> str:
    """Returns in a sentence on which factor the objective depends most, by each evaluator.

    If the largest share by PED-ANOVA is not above `chance`, it says that no factor stands out.
    """
    metric = without_brackets(objective_label(table))
    most = {evaluator: max(values, key=lambda factor: values[factor]) for evaluator, values in shares.items()}
    parts = [f"{shares[evaluator][factor]:.2f} by {evaluator}" for evaluator, factor in most.items()]
    first, *others = map(factor_label, most.values())
    if chance is not None and shares["PED-ANOVA"][most["PED-ANOVA"]] <= chance:
        lead = f"{parts[-1]} for {factor_label(most['PED-ANOVA'])}"
        return printable(f"No factor is shown to stand out: {lead}, and shuffled values give up to {chance:.2f}.")
    text = f"{metric[0].upper()}{metric[1:]} depends most on {first}, {parts[0]}"
    if not others:
        return printable(f"{text}.")
    return printable(f"{text} and {parts[1]}." if others[0] == first else f"{text}; or on {others[0]}, {parts[1]}.")


def compose(source: Source) -> Composed:
    """Returns the figure with its one panel, of a sweep or a grid. Where fANOVA cannot be had, only PED-ANOVA is."""
    table = source.table
    importance = Importance(table, distributions(source.space) if source.space else {})
    shares, reasons = _shares(importance)
    if not shares:
        raise FigureError(f"{table['study'].iloc[0]}: {reasons[0]}")
    chance = importance.share_by_chance()
    figure, (ax,) = make_panels(1, height=1.6 + 0.6 * len(next(iter(shares.values()))))
    draw(shares, ax=ax, chance=chance)
    title = f"Which factors does {without_brackets(objective_label(table))} depend on most?"
    explained = [EXPLANATIONS[evaluator] for evaluator in shares]
    space = GUESSED if source.space is None else JOURNAL
    if len(importance.cells) < len(cell_table.complete(evaluated_cells(table))):
        reasons.append(f"Importance is computed from {len(importance.cells):,} of the cells, drawn at random")
    note = " ".join([*explained, BY_CHANCE, *(f"{reason}." for reason in reasons), NO_EFFECT, space])
    said = answer(table, shares, chance=chance)
    return Composed.about(evaluated_cells(table), figure, title=title, answer=said, marks=MARKS, note=note)


def _shares(importance: Importance) -> tuple[Shares, list[str]]:
    """Returns the shares by each evaluator that works here, and why the others do not."""
    shares: dict[Evaluator, Mapping[str, float]] = {}
    reasons = []
    for evaluator in get_args(Evaluator):
        try:
            shares[evaluator] = importance.shares(evaluator)
        except InferenceError as error:
            reasons.append(str(error))
    return shares, reasons


SCRIPT = FigureScript("importance", compose)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
