"""The words around a figure: its title and answer above, its caption below. The figure grows to hold them."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text

from analysis.drawing.style import style

Weight = Literal["normal", "bold"]
MARGIN = 0.08
"""Inches between the words and the figure's edge."""
SPACING = 1.3
"""Height of a line through the size of its letters."""
TALLEST = 1.45
"""A figure this many times as high as its style asks for is pressed to that height. A higher one stays as it is."""
HINTED = 1.06
"""Letters on a coarse screen are wider than drawn by this factor, at most."""
MOST_LINES = 2
"""Lines of a caption."""
SMALLEST = 0.68
"""Size of a caption's letters through that of labels, at the least; the more text, the smaller."""


class Block(NamedTuple):
    """Lines of text in one size."""

    kind: str
    lines: Sequence[str]
    size: float
    """Points (1/72 inch)."""
    colour: str
    weight: Weight = "normal"

    @property
    def height(self) -> float:
        """Inches."""
        return len(self.lines) * self.size * SPACING / 72


def put_words(figure: Figure, title: str, answer: str, caption: str) -> None:
    """Puts the words around the figure's panels. An empty text takes no room."""
    above, below = _above(figure, title, answer), _below(figure, caption)
    _make_room(figure, above=sum(block.height for block in above), below=sum(block.height for block in below))
    top = figure.get_figheight() - MARGIN
    for block in above:
        _write(figure, block, top=top)
        top -= block.height
    for block in below:
        _write(figure, block, top=MARGIN + block.height)
    show_dollars(figure)
    turn_crowded_labels(figure)


def wrapped(text: str, *, size: float, inches: float, weight: Weight = "normal") -> list[str]:
    """Returns the text in lines of at most this width. A longer word has a line of its own."""
    space, lines, used = _width("\N{NO-BREAK SPACE}", weight), [""], 0.0
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        wide = _width(word, weight)
        if lines[-1] and (used + space + wide) * size * HINTED > 72 * inches:
            lines.append("")
        used = used + space + wide if lines[-1] else wide
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines if text else []


@cache
def _width(word: str, weight: Weight) -> float:
    """Returns a word's width through the size of its letters."""
    font = get_font(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    font.set_size(100, 72)
    font.set_text(word)
    return float(font.get_width_height()[0]) / 64 / 100 if word.strip() else 0.32


def _above(figure: Figure, title: str, answer: str) -> list[Block]:
    look, inches = style(), figure.get_figwidth() - 2 * MARGIN
    sizes = 1.2 * look.text, look.text
    blocks = [
        Block("title", wrapped(title, size=sizes[0], inches=inches, weight="bold"), sizes[0], look.ink, "bold"),
        Block("answer", wrapped(answer, size=sizes[1], inches=inches), sizes[1], look.ink),
    ]
    return [block for block in blocks if block.lines]


def _below(figure: Figure, caption: str) -> list[Block]:
    """Returns the caption in at most two lines. The more text, the smaller; what does not fit even so is cut off."""
    look, inches = style(), figure.get_figwidth() - 2 * MARGIN
    size, smallest = 0.84 * look.text, SMALLEST * look.text
    while len(lines := wrapped(caption, size=size, inches=inches)) > MOST_LINES and size > smallest:
        size = max(size * 0.96, smallest)
    if len(lines) > MOST_LINES:
        lines = [lines[0], f"{lines[1].rpartition(' ')[0]} …"]
    return [Block("caption", lines, size, look.small_print)] if lines else []


def _make_room(figure: Figure, *, above: float, below: float) -> None:
    """Makes the figure higher by the height of the words, and keeps its panels between them."""
    look = style()
    above, below = (inches + 2 * MARGIN if inches else 0.0 for inches in (above, below))
    width, panels = map(float, figure.get_size_inches())
    height = panels + above + below
    if look.aspect and height < TALLEST * look.aspect * width:
        height = look.aspect * width
    figure.set_size_inches(width, height)
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(rect=(0, below / height, 1, 1 - (above + below) / height))


def _write(figure: Figure, block: Block, *, top: float) -> None:
    """Writes lines whose top is at this height in inches."""
    place = MARGIN / figure.get_figwidth(), top / figure.get_figheight()
    look: dict[str, Any] = {"size": block.size, "color": block.colour, "weight": block.weight}
    text = figure.text(*place, "\n".join(block.lines), va="top", ha="left", linespacing=SPACING / 1.15, **look)
    text.set_gid(block.kind)


def show_dollars(figure: Figure) -> None:
    """Shows every `$` in a name as it is. Matplotlib would read the text between two of them as a formula."""
    for ax in figure.axes:
        ax.get_xticklabels(), ax.get_yticklabels()  # The texts of ticks are set when somebody asks for them.
    for text in figure.findobj(Text):
        if "$" in text.get_text() and "\\mathdefault" not in text.get_text():
            text.set_parse_math(False)


def turn_crowded_labels(figure: Figure) -> None:
    """Turns the tick labels of each horizontal axis on which two labels would touch."""
    figure.draw_without_rendering()
    for ax in figure.axes:
        boxes = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
        if any(left.x1 + 3 > right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: box.x0))):
            ax.tick_params(axis="x", labelrotation=40)
