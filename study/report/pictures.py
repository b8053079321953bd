"""The figures of a report: those that suit the study, as SVG for light and for dark pages."""

from collections.abc import Iterator
from functools import cache

from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.options import StyleName
from analysis.drawing.source import Source
from analysis.drawing.style import styled
from analysis.figures import SCRIPTS, repeats_another
from study.errors import StudyError
from study.report.parts import Picture, Section

NEED_A_MODEL = ("confusion", "saliency")
"""Figures for which a model answers. A report is made of tables alone, so that every machine makes the same."""

_GROUNDS: tuple[StyleName, ...] = ("paper", "dark")
MOST_CELLS = 3_000
"""The figures of larger studies are light on dark pages, too: each takes seconds, and would have to be drawn twice."""


def figure_section(source: Source) -> Section:
    """Returns each figure that suits the study."""
    pictures = list(_pictures(source))
    return Section(title="Figures", sentences=[] if pictures else ["No figure suits this study."], pictures=pictures)


def _pictures(source: Source) -> Iterator[Picture]:
    for script in SCRIPTS:
        if script.suffix == ".md" or script.name in NEED_A_MODEL:
            continue
        try:
            if not repeats_another(script, source):
                yield _picture(script, source)
        except StudyError:  # It does not suit the study.
            continue


def _picture(script: FigureScript, source: Source) -> Picture:
    """Returns the figure without its words, which stand beside it as text: inside it they are too small on a phone."""
    grounds = _GROUNDS if len(source.table) <= MOST_CELLS else _GROUNDS[:1]
    light, *others = (script.make(source, style=style, title=False, caption=False) for style in grounds)
    drawings = [_svg(made, style) for made, style in zip([light, *others], grounds, strict=True)]
    name = source.name if source.exported else light.study
    return Picture(
        name=script.name,
        title=light.title,
        answer=light.answer,
        caption=light.details or light.caption,
        light=drawings[0],
        dark=drawings[-1],
        whole=cache(lambda: _svg(light, "paper", words=True)),  # Its words are put into the figure once.
        command=f"study plot {script.name} {name}",
    )


def _svg(made: Composed, style: StyleName, *, words: bool = False) -> str:
    with styled(style):
        return (made.framed() if words else made).data(".svg").decode()
