"""A figure with its words, and the files that it is saved as."""

from pathlib import Path

import pytest

from analysis.drawing.composed import Composed
from analysis.drawing.options import FORMATS
from analysis.drawing.panels import make_panels
from analysis.drawing.source import FigureError
from tests.analysis.synthetic_tables import table


def composed() -> Composed:
    return Composed(made=make_panels(1)[0], study="s", title="Why?", answer="Because.", caption="Small print.")


def test_the_caption_is_short_and_the_details_are_whole() -> None:
    cells = table(states={("width=8", 0): "failed"}).assign(fixed="optimizer=adam")
    made = Composed.about(cells, make_panels(1)[0], title="Why?", marks="Bars.")
    assert made.study == "synthetic"
    assert made.caption.startswith(
        "synthetic: 6 points × 2 to 3 seeds, 6 epochs on 4,000 examples, validated on 2,000."
    )
    assert made.caption.endswith("Bars. Left out: 1 failed.")
    assert "fixed, not tuned for each point: optimizer adam" in made.details


def test_words_are_left_out_on_demand() -> None:
    def kinds(**how: bool) -> list[object]:
        return [text.get_gid() for text in composed().framed(**how).figure.texts]

    assert kinds() == ["title", "answer", "caption"]
    assert kinds(caption=False) == ["title", "answer"]
    assert kinds(title=False) == ["caption"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_figure_is_the_same_file(suffix: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"a{suffix}", tmp_path / "new" / f"b{suffix}"
    for path in (first, second):
        composed().framed().save(path)
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes()[:4] in (b"\x89PNG", b"%PDF", b"<?xm")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"--out must end in \.png, \.svg or \.pdf, not '\.jpg'"):
        composed().save(tmp_path / "a.jpg")


def test_a_text_is_no_figure(tmp_path: Path) -> None:
    text = Composed(made="# Title\n", study="s", title="Title").framed()
    text.save(tmp_path / "a.md")
    assert (tmp_path / "a.md").read_text() == "# Title\n"
    with pytest.raises(FigureError, match="a text, not a figure"):
        _ = text.figure
