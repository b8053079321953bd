"""Every figure: each has its words, and suits a study or says why not."""

from pathlib import Path

import pytest

from analysis import figures
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.source import FigureError, Source
from tests.analysis.synthetic_tables import csv, table

DRAWN = ("depth", "factors", "ablation", "positions", "cost")


@pytest.mark.parametrize("script", [each for each in figures.SCRIPTS if each.name in DRAWN], ids=lambda each: each.name)
def test_each_figure_has_a_title_and_a_short_caption(script: FigureScript, tmp_path: Path) -> None:
    made: Composed = script.make(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
    texts = {text.get_gid(): text.get_text() for text in made.figure.texts}
    assert texts["title"].replace("\n", " ") == made.title
    assert texts["caption"].count("\n") <= 1
    assert made.caption.startswith("synthetic: ")
    assert not texts["caption"].endswith("…")


def test_a_source_that_suits_no_figure_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = csv(table().head(0), tmp_path / "t.csv")
    with pytest.raises(FigureError, match=r"t\.csv: nothing was recorded yet"):
        figures.draw_all(Source(str(path), tmp_path))
