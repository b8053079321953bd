"""The figures of a report: those that suit the study, as SVG."""

import io
from collections.abc import Iterator
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from analysis import factors
from analysis.__main__ import ONLY_FACTOR, SCRIPTS
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.panels import STYLE, show_dollars, turn_crowded_labels
from analysis.drawing.source import Source
from study.errors import StudyError
from study.report.parts import Picture, Section

NEED_A_MODEL = ("confusion", "saliency")
"""Figures for which a model answers. A report is made of tables alone, so that every machine makes the same."""
_SAME_BYTES: Any = {"svg.hashsalt": "study", "svg.fonttype": "path"}
"""Without a salt, the names inside an image are random."""


def figure_section(source: Source) -> Section:
    """Returns each figure that suits the study."""
    pictures = list(_pictures(source))
    return Section(title="Figures", sentences=[] if pictures else ["No figure suits this study."], pictures=pictures)


def _pictures(source: Source) -> Iterator[Picture]:
    for script in SCRIPTS:
        if script.suffix == ".md" or script.name in NEED_A_MODEL:
            continue
        try:
            if script is factors.SCRIPT and factors.drawable(source.table) in ONLY_FACTOR:
                continue
            yield _picture(script, source)
        except StudyError:  # It does not suit the study.
            continue


def _picture(script: FigureScript, source: Source) -> Picture:
    with rc_context({**STYLE, **_SAME_BYTES}):
        figure, study = script.compose(source)
        image = _svg(figure) if isinstance(figure, Figure) else ""
    title = figure.get_suptitle() if isinstance(figure, Figure) else ""
    name = source.name if source.exported else study
    return Picture(
        name=script.name, text=title, light=image, dark=image, command=f"python -m analysis.{script.name} {name}"
    )


def _svg(figure: Figure) -> str:
    """Returns the figure as an image without a date, so that the same figure is the same image."""
    show_dollars(figure)
    turn_crowded_labels(figure)
    content = io.StringIO()
    figure.savefig(content, format="svg", metadata={"Date": None})
    return content.getvalue()
