"""How figures look: sizes, letters and colours, on paper, on a slide or on a dark page."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import seaborn as sns
from matplotlib import rc_context

from analysis.drawing.options import StyleName


@dataclass(frozen=True, kw_only=True)
class Style:
    """Sizes and colours of a figure. Every colour but the grounds' stands out from the ground."""

    width: float = 6.4
    """Inches."""
    text: float = 10
    """Points (1/72 inch) of axes' labels. All other letters follow."""
    aspect: float | None = None
    """Height through width of a figure with one row of panels; None if each figure decides."""
    line: float = 1.0
    """How much thicker lines and dots are than on paper."""
    ground: str = "#ffffff"
    ink: str = "#222222"
    """Text, and the baseline in every figure."""
    small_print: str = "#555555"
    grey: str = "#8c8c8c"
    """What stands in the background."""
    grid: str = "#e6e6e6"
    band: str = "#f4f4f4"
    """Every second position."""
    blue: str = "#2a6f97"
    """Trials of a search."""
    red: str = "#b5451f"
    """What is not a full measurement of this study: the article's values, and trials that ended early."""
    helps: str = "#0b5d8c"
    hurts: str = "#d1662b"
    """Of another lightness than `helps`, so that they differ without colour, too."""
    scale: tuple[float, float] = (0.08, 0.82)
    """The part of the colour map viridis that stands out from the ground."""

    shades: str = "rocket_r"
    """Seaborn's colour map of amounts, which begins near the ground with nothing."""

    @property
    def small(self) -> float:
        """Points of legends, of numbers inside panels, and of ticks."""
        return 0.9 * self.text

    @property
    def settings(self) -> Any:
        """Matplotlib's settings, by their names."""
        return {
            **sns.axes_style("ticks"),
            # The one that comes with Matplotlib, so that every machine draws the same.
            "font.family": "DejaVu Sans",
            "font.size": self.text,
            "figure.facecolor": self.ground,
            "axes.facecolor": self.ground,
            "savefig.facecolor": self.ground,
            **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), self.ink),
            "axes.grid": True,
            "axes.edgecolor": self.grey,
            "grid.color": self.grid,
            "grid.linewidth": 0.8,
            "axes.titlesize": self.text,
            "axes.labelsize": self.text,
            "xtick.labelsize": self.small,
            "ytick.labelsize": self.small,
            "legend.fontsize": self.small,
            "legend.title_fontsize": self.small,
            "legend.labelcolor": self.ink,
            "lines.linewidth": 1.5 * self.line,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }


_DARK = {
    "ground": "#15181c",
    "ink": "#f0f0f0",
    "small_print": "#b4b8bd",
    "grey": "#8b9096",
    "grid": "#2b3036",
    "band": "#1d2126",
    "blue": "#6db6e3",
    "red": "#ff9b73",
    "helps": "#6cc3f5",
    "hurts": "#e07b45",
    "shades": "rocket",
}
STYLED: Mapping[StyleName, Style] = {
    "paper": Style(),
    "slide": Style(width=10, text=15.5, aspect=9 / 16, line=1.4),
    "dark": Style(scale=(0.3, 0.98), **_DARK),  # type: ignore[arg-type]
}
_active: ContextVar[Style] = ContextVar("style", default=STYLED["paper"])


def style() -> Style:
    """Returns the style in use."""
    return _active.get()


@contextmanager
def styled(name: StyleName) -> Iterator[Style]:
    """Draws in this style."""
    token = _active.set(STYLED[name])
    try:
        with rc_context(STYLED[name].settings):
            yield STYLED[name]
    finally:
        _active.reset(token)
