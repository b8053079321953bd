"""Which colour a level or a point has. A level has the same colour in every figure of a study."""

from collections.abc import Iterable

import numpy as np
import seaborn as sns
from matplotlib import colormaps
from matplotlib.colors import to_hex

from analysis.drawing.level_axis import as_numbers
from analysis.drawing.style import style
from study.inference.changes import Changes

MOST_NAMES = 60
"""More names than this share one colour, because nobody could tell so many apart."""


_GREY = "#949494"
"""The grey of the palette, which is left out because points in the background are grey."""


def distinct_colours(count: int) -> list[str]:
    """Returns colours that are easy to tell apart, at least `count` of them."""
    palette = [to_hex(colour) for colour in sns.color_palette("colorblind")]
    named = [colour for colour in palette if colour != _GREY]
    return named if count <= len(named) else [to_hex(colour) for colour in sns.husl_palette(count)]


def level_colours(changes: Iterable[Changes], *, factor: str) -> dict[str, str]:
    """Returns a colour for each level of the factor. `changes` holds what each point of the study changes.

    Numbers get a scale of colours, names get distinct ones. Only the study's levels decide, not which cells are
    complete, so that a level looks the same in every figure. The baseline's level has none: it is in the style's ink.
    """
    texts = list(dict.fromkeys(change[factor] for change in changes if factor in change))
    if as_numbers(texts) is None and len(texts) > MOST_NAMES:
        return dict.fromkeys(texts, style().blue)
    if as_numbers(texts) is None:
        return dict(zip(texts, distinct_colours(len(texts)), strict=False))
    shades = colormaps["viridis"](np.linspace(*style().scale, len(texts)) if len(texts) > 1 else [0.35])
    return {text: to_hex(shade) for text, shade in zip(sorted(texts, key=float), shades, strict=True)}
