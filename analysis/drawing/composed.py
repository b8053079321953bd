"""A figure with its words: title, answer and caption, and the files that it is saved as."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from analysis.drawing.caption import caption, details
from analysis.drawing.options import FORMATS
from analysis.drawing.source import FigureError, UnwritableError
from analysis.drawing.words import put_words
from study.files import write_whole
from study.inference import cell_table

DPI = 200
RINGS = "Rings: seeds that did not learn."
_NO_DATE = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
"""What keeps the same figure the same file."""


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A figure, or a text, with its words."""

    made: Figure | str
    study: str
    title: str
    """The question."""
    answer: str = ""
    """The question's answer in one sentence."""
    caption: str = ""
    """What the figure rests on: seeds, fidelity, how intervals were computed, and what was left out."""
    details: str = ""
    """All that limits the conclusions. The report has the room for it."""

    @classmethod
    def about(
        cls,
        cells: pd.DataFrame,
        figure: Figure,
        *,
        title: str,
        answer: str = "",
        marks: str,
        note: str = "",
        rings: bool = False,
    ) -> "Composed":
        """Returns the figure with the words about these cells, complete or not.

        `marks` tells how intervals were computed, for the caption. `note` tells all about the marks, for the details.
        `rings` says whether there are rings among the dots.
        """
        if size := cell_table.equal_size(cells).partition(" (")[0]:
            title = f"{title.removesuffix('?')}, {size}?"
        study, words = str(cells["study"].iloc[0]), (caption(cells, marks=marks), details(cells, note=note or marks))
        short, full = (f"{text} {RINGS}" if rings else text for text in words)
        return cls(made=figure, study=study, title=title, answer=answer, caption=short, details=full)

    @property
    def figure(self) -> Figure:
        """The figure. Raises FigureError if a text was made."""
        if isinstance(self.made, str):
            raise FigureError(f"{self.study}: this is a text, not a figure")
        return self.made

    def framed(self, *, title: bool = True, caption: bool = True) -> "Composed":
        """Puts title and answer above the figure, and the caption below it. Returns the same object."""
        if isinstance(self.made, Figure):
            above = (self.title, self.answer) if title else ("", "")
            put_words(self.made, *above, self.caption if caption else "")
        return self

    def save(self, path: Path) -> None:
        """Writes the figure as png, svg or pdf, and a text as it is. Raises UnwritableError if that is impossible."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, self.made if isinstance(self.made, str) else self.data(path.suffix))
        except OSError as error:
            raise UnwritableError(f"{path}: cannot be written ({error}); choose another place with --out") from None

    def data(self, suffix: str) -> bytes:
        """Returns the content of a file of this kind. The same figure gives the same bytes."""
        if suffix not in FORMATS:
            raise FigureError(f"--out must end in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {suffix!r}")
        buffer = io.BytesIO()
        how: dict[str, Any] = {"metadata": _NO_DATE[suffix]} if suffix in _NO_DATE else {}
        with rc_context({"svg.hashsalt": "study"}), _settled(self.figure) as figure:
            figure.savefig(buffer, format=suffix[1:], dpi=DPI, **how)
        return buffer.getvalue()


@contextmanager
def _settled(figure: Figure) -> Iterator[Figure]:
    """Keep the panels where they are, at rounded places: the last bits of the layout differ from run to run."""
    figure.draw_without_rendering()
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        in_layout = ax.get_in_layout()
        ax.set_position(Bbox(np.round(ax.get_position(original=True).get_points(), 6)))
        ax.set_in_layout(in_layout)
    yield figure
    figure.set_layout_engine(engine)
