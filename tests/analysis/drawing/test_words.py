"""The words around a figure: they fit its width, and the figure grows to hold them."""

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis.drawing import words
from analysis.drawing.options import STYLES, StyleName
from analysis.drawing.panels import make_panels
from analysis.drawing.style import styled

TITLE = "How does validation accuracy depend on the number of convolutions in a network of this kind?"
ANSWER = "Seven convolutions score best, 0.442 (0.406 to 0.479); more pays up to 7, the most that was tried."


def written(figure: Figure) -> dict[str, Text]:
    return {str(text.get_gid()): text for text in figure.texts}


@pytest.mark.parametrize("style", STYLES)
def test_title_answer_and_caption_fit_and_touch_nothing(style: StyleName) -> None:
    with styled(style):
        figure, (ax,) = make_panels(1, height=2)
        before = figure.get_figheight()
        words.put_words(figure, TITLE, ANSWER, "word " * 40)
        figure.draw_without_rendering()
        texts = written(figure)
        assert list(texts) == ["title", "answer", "caption"]
        boxes = [texts[kind].get_window_extent() for kind in texts]
        panel = ax.get_tightbbox()
    assert panel is not None
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    heights = [*(edge for box in boxes[:2] for edge in (box.y1, box.y0)), panel.y1, panel.y0, boxes[2].y1, boxes[2].y0]
    assert heights == sorted(heights, reverse=True)
    assert 0 <= heights[-1] < heights[0] <= figure.bbox.height
    assert style == "slide" or figure.get_figheight() > before


def test_a_slide_is_16_to_9() -> None:
    with styled("slide"):
        figure, _ = make_panels(1)
        words.put_words(figure, TITLE, ANSWER, "caption")
    assert figure.get_figheight() / figure.get_figwidth() == pytest.approx(9 / 16)


def test_a_caption_has_two_lines_at_most() -> None:
    for count, cut in ((5, False), (40, False), (200, True)):
        figure, _ = make_panels(1)
        words.put_words(figure, "", "", "word " * count)
        text = written(figure)["caption"].get_text()
        assert text.count("\n") <= 1
        assert text.endswith(" …") is cut


def test_without_words_the_figure_stays_as_it_is() -> None:
    figure, _ = make_panels(1, height=2)
    words.put_words(figure, "", "", "")
    assert (figure.get_figheight(), figure.texts) == (2, [])


def test_tick_labels_are_turned_only_if_they_would_touch() -> None:
    for names, turned in ((["a", "b", "c"], False), (["a very long name of a level " * 3] * 3, True)):
        figure, (ax,) = make_panels(1)
        ax.set_xticks([0, 1, 2], names)
        words.turn_crowded_labels(figure)
        assert {label.get_rotation() != 0 for label in ax.get_xticklabels()} == {turned}


def test_a_dollar_is_no_formula() -> None:
    figure, (ax,) = make_panels(1)
    ax.set_xlabel("$x$ costs $y$")
    words.put_words(figure, "a $ and a $", "", "")
    assert not ax.xaxis.label.get_parse_math()
    assert not written(figure)["title"].get_parse_math()
