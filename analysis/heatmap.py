"""Do two factors act together? The mean objective at each pair of their levels, for every pair that a grid holds."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figure import FigureError, caption, entitle, objective_words, panels
from analysis.script import Script, Source
from analysis.words import INK, digits, factor_words, level_text, level_words, places, short
from study.inference import cell_table as tidy
from study.inference import intervals
from study.inference.cell_table import BASELINE
from study.inference.columns import level_column
from study.inference.factorial import sentence, terms
from study.inference.nuisance import tuned

Pair = tuple[str, str]


def draw(table: pd.DataFrame, *, factors: Pair, ax: Axes) -> Axes:
    """Each pair of levels: the mean, half its interval's width and n; everything else at the baseline."""
    cells = tidy.around_baseline(table, factors)
    across, down = columns = [level_column(factor) for factor in factors]
    means = intervals.means(cells, by=columns)
    order = {column: list(places(cells[column])) for column in columns}

    def grid(values: "pd.Series") -> pd.DataFrame:
        wide = means.assign(value=values).pivot(index=down, columns=across, values="value")
        return wide.reindex(index=order[down], columns=order[across])

    low, high = _limits(table)
    words = grid(_words(means)).fillna("–").to_numpy()
    look = {"linewidths": 2, "cbar": False, "annot_kws": {"fontsize": 9.5}}
    sns.heatmap(grid(means["mean"]), annot=words, fmt="", cmap=_colours(table), vmin=low, vmax=high, ax=ax, **look)
    _label(ax, factors=factors, order=order)
    _frame_baseline(ax, cells, order=order)
    return ax


def compose(source: Source, *, factors: list[str] | None = None) -> tuple[Figure, str]:
    """A panel for each pair of factors that were varied together, or for the two asked for."""
    table = source.table
    pairs = _chosen(table, factors)
    figure, axes = panels(len(pairs), height=4.6 if len(pairs) == 1 else 3.6, sharey=False)
    for pair, ax in zip(pairs, axes, strict=True):
        draw(table, factors=pair, ax=ax)
    names = " and ".join(map(factor_words, pairs[0])) if len(pairs) == 1 else "the factors"
    cells = pd.concat([tidy.around_baseline(table, pair) for pair in pairs]).drop_duplicates(["point", "seed"])
    entitle(
        figure,
        title=f"Do {names} act together on {short(objective_words(table))}?",
        caption=caption(cells, note=f"{_note(table)}{_hidden(table, cells)}"),
    )
    return figure, str(table["study"].iloc[0])


def _chosen(table: pd.DataFrame, factors: list[str] | None) -> list[Pair]:
    """The pairs to draw: those varied together, or the one asked for."""
    study, crossed = table["study"].iloc[0], tidy.crossed(tidy.complete(table))
    if not crossed:
        way = 'a heatmap needs a grid (`kind = "grid"` in [design])'
        raise FigureError(f"{study}: no two factors were varied together with the others at the baseline; {way}")
    if factors is None:
        return crossed
    if chosen := [pair for pair in crossed if set(pair) == set(factors)]:
        return chosen
    known = ", ".join(" and ".join(pair) for pair in crossed)
    raise FigureError(f"{study}: {' and '.join(factors)} were not varied together; these were: {known}")


def _note(table: pd.DataFrame) -> str:
    marks = "In each field the mean over seeds, half the width of its 95 % Student's t interval (±), and n."
    frame = "framed: the baseline, where the other factors are."
    return f"{marks} Brighter is better; grey: no complete cell; {frame} {sentence(terms(tuned(table)))}"


def _hidden(table: pd.DataFrame, cells: pd.DataFrame) -> str:
    """How many cells that count are in no panel, for they change other factors, too."""
    count = len(tidy.complete(tidy.comparable(table))) - len(tidy.complete(cells))
    return f" Not shown: {count} cells that change other factors, too." if count else ""


def _words(means: pd.DataFrame) -> "pd.Series[str]":
    spec = digits(means["mean"])

    def words(mean: float, high: float, n: int) -> str:
        half = f"\n± {high - mean:{spec}}" if np.isfinite(high) else ""
        return f"{mean:{spec}}{half}\nn = {n}"

    return pd.Series(list(map(words, means["mean"], means["high"], means["n"])), index=means.index, dtype=str)


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    """The ends of the colour scale: those of the whole study, so that its panels compare."""
    means = intervals.means(table, by=["point"])["mean"]
    return float(means.min()), float(means.max())


def _colours(table: pd.DataFrame) -> str:
    return "viridis" if table["direction"].iloc[0] == "maximize" else "viridis_r"


def _label(ax: Axes, *, factors: Pair, order: dict[str, list[object]]) -> None:
    across, down = ([level_words(level_text(level)) for level in levels] for levels in order.values())
    ax.set_facecolor("#e3e3e3")
    ax.grid(visible=False)
    ax.set_xticks(np.arange(len(across)) + 0.5, across, rotation=0)
    ax.set_yticks(np.arange(len(down)) + 0.5, down, rotation=0)
    ax.tick_params(length=0)
    ax.set_xlabel(factor_words(factors[0]))
    ax.set_ylabel(factor_words(factors[1]))


def _frame_baseline(ax: Axes, cells: pd.DataFrame, *, order: dict[str, list[object]]) -> None:
    for row in cells[cells["point"] == BASELINE].head(1).to_dict("records"):
        corner = [levels.index(row[column]) for column, levels in order.items()]
        ax.add_patch(Rectangle((corner[0], corner[1]), 1, 1, fill=False, edgecolor=INK, linewidth=2.5, clip_on=False))


SCRIPT = Script(
    "heatmap",
    compose,
    {"--factors": {"nargs": 2, "metavar": "NAME", "help": "draw these two alone; without it, every pair of a grid"}},
)

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
