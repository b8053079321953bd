"""The figures of a report: those that suit the study, as SVG for light and for dark pages."""

from collections.abc import Iterator

from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import Source
from analysis.figures import SCRIPTS, repeats_another
from study.errors import StudyError
from study.report.parts import Picture, Section

NEED_A_MODEL = ("confusion", "saliency")
"""Figures for which a model answers. A report is made of tables alone, so that every machine makes the same."""


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
    (made, light), (_, dark) = (script.svg(source, style=style) for style in ("paper", "dark"))
    name = source.name if source.exported else made.study
    text = f"{made.title} {made.answer}".strip()
    return Picture(name=script.name, text=text, light=light, dark=dark, command=f"study plot {script.name} {name}")
