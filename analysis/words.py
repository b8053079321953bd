"""How names and levels appear in a figure: their words, their colours, their places on an axis."""

import textwrap
from collections.abc import Iterable

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.ticker import FixedLocator, NullLocator

from study.inference.cell_table import changed
from study.inference.columns import metric_column
from study.task import describe

INK = "#222222"
"""The baseline's colour in every figure."""
GREY = "#9a9a9a"

FACTORS = {
    "conv_depth": "trunk depth",
    "width": "trunk width",
    "wide_layers": "wide layers at the end",
    "wide_factor": "widening of the last layers",
    "batch_norm": "batch normalisation",
    "batch_norm_momentum": "momentum of batch normalisation",
    "coordinates": "coordinates as input",
    "mask": "mask pattern",
    "damage": "damage (share of modules flipped)",
    "train_examples": "training examples",
}
WIDEST_LINEAR = 30
"""A numeric factor that spans more than this ratio stands on a logarithmic axis."""
MOST_TICKS = 16
LARGEST = 1e100


def factor_words(name: str) -> str:
    """A factor as a reader calls it."""
    return FACTORS.get(name, name.replace("_", " "))


def level_words(text: str) -> str:
    """A level as a reader calls it, from its text in a point's name."""
    if text in ("true", "false"):
        return "on" if text == "true" else "off"
    if text.isdecimal() and len(text) > 4:
        return f"{int(text):,}"
    return text.replace("_", " ")


def point_words(point: str) -> str:
    """A point as a reader calls it: `conv_depth=2` is *trunk depth: 2*."""
    return ", ".join(change_words(point)) or point


def change_words(point: str) -> list[str]:
    """Each change that a point makes, as a reader calls it."""
    return [f"{factor_words(factor)}: {level_words(level)}" for factor, level in changed(point).items()]


def metric_words(name: str, columns: Iterable[str]) -> str:
    """A metric as a reader calls it; `columns` are those of the table that holds it."""
    rest = name.removeprefix("val_")
    words = rest.replace("number_acc", "accuracy (share of whole numbers)").replace("_", " ")
    words = " ".join("accuracy" if word == "acc" else word for word in words.split())
    # Only a task that also counts whole numbers counts its plain accuracy by the digit.
    if rest == "acc" and metric_column("val_number_acc") in set(columns):
        words += " (share of digits)"
    return f"{'training' if rest == name else 'validation'} {words}"


def short(words: str) -> str:
    """The words without their explanation in brackets, for a title."""
    return words.partition(" (")[0]


def digits(values: Iterable[float]) -> str:
    """How a figure writes such values: three decimals, or powers of ten where these would say nothing or too much."""
    largest = max(map(abs, values), default=0.0)
    return ".3f" if largest == 0 or 0.001 <= largest < 10_000 else ".2e"


def numbers(levels: Iterable[object]) -> list[float] | None:
    """The levels as numbers; None where they are names (`true` and `false` are)."""
    texts = [str(level) for level in levels]
    try:
        values = [float(text) for text in texts]
    except ValueError:
        return None
    # An axis overflows beyond, and a level that is not finite has no place on one.
    return values if all(abs(value) < LARGEST for value in values) else None


def colours(points: Iterable[str], *, factor: str) -> dict[str, str]:
    """A colour for each level that a point changes the factor to: a scale for numbers, distinct colours for names.

    It depends on the study's levels alone, so that a level looks the same in every figure; the baseline is in ink.
    """
    texts = list(dict.fromkeys(change[factor] for change in map(changed, points) if factor in change))
    if numbers(texts) is None:
        palette = sns.color_palette("colorblind") if len(texts) <= 10 else sns.husl_palette(len(texts))
        return {text: to_hex(colour) for text, colour in zip(texts, palette, strict=False)}
    shades = colormaps["viridis"](np.linspace(0.08, 0.82, len(texts)) if len(texts) > 1 else [0.35])
    return {text: to_hex(shade) for text, shade in zip(sorted(texts, key=float), shades, strict=True)}


def places(levels: "pd.Series") -> dict[object, float]:
    """Where each level stands on an axis, in that order: a number at its value, a name at its turn."""
    distinct = list(levels.dropna().unique())
    values = numbers(distinct)
    if values is None:
        return {level: float(turn) for turn, level in enumerate(distinct)}
    return dict(sorted(zip(distinct, values, strict=True), key=lambda pair: pair[1]))


def set_levels(ax: Axes, spots: dict[object, float]) -> None:
    """Make the horizontal axis one of levels: a tick at each, in words, and a logarithm where the range asks for it."""
    ax.margins(x=0.08)
    if numbers(spots) is None:
        ax.set_xlim(-0.6, len(spots) - 0.4)
    elif min(spots.values()) > 0 and max(spots.values()) > WIDEST_LINEAR * min(spots.values()):
        ax.set_xscale("log")
    if len(spots) <= MOST_TICKS or numbers(spots) is None:
        ax.xaxis.set_major_locator(FixedLocator(list(spots.values())))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticklabels([textwrap.fill(level_words(level_text(level)), 10) for level in spots])


def level_text(level: object) -> str:
    """A level of the table as points' names write it."""
    plain = level.item() if isinstance(level, np.generic) else level
    return describe(plain) if isinstance(plain, bool | int | float | str) else str(plain)
