"""A study's figures in Python: `load_study(NAME).plot.depth()`."""

from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import Source, Tables
from analysis.figures import SCRIPTS


class Plots:
    """The figures of one study. Each is a method that is named as in `study plot`, and returns Matplotlib's Figure.

    All of them take `metric`, which is drawn in place of the objective, `style`, which is "paper", "slide" or "dark",
    `title=False` and `caption=False`. They raise StudyError if the study has nothing to draw. A notebook shows them.
    """

    def __init__(self, name: str, store: Path, tables: Tables) -> None:
        self._name, self._store, self._tables = name, store, tables

    def __getattr__(self, kind: str) -> Any:
        for script in _DRAWN:
            if script.name == kind:
                return partial(self._draw, script)
        raise AttributeError(f"no figure {kind!r}; there are {', '.join(dir(self))}")

    def __dir__(self) -> list[str]:
        return [script.name for script in _DRAWN]

    def _draw(self, script: FigureScript, *, metric: str | None = None, **how: Any) -> Figure:
        return script.make(Source(self._name, self._store, metric, self._tables), **how).figure


_DRAWN = [script for script in SCRIPTS if script.suffix != ".md"]
