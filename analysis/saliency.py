"""What does the network look at? How much its answers depend on each pixel, for several points side by side."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from analysis import article
from analysis.compared_points import compared_points, point_names
from analysis.drawing.composed import Composed
from analysis.drawing.figure_script import FigureScript
from analysis.drawing.panels import make_panels
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import style
from analysis.drawing.words import wrapped
from study.inference.saliency_shares import pixels_of_half, share_inside
from study.ledger.cell import Cell
from study.space.hints import listed
from study.tasks.qr_digits.decoder import digit_modules
from study.training.image_parts import part_side
from study.winner.choice import median_cell
from study.winner.saliency import saliency
from study.winner.weights import has_weights

Array = np.ndarray[Any, Any]
MOST_COLUMNS = 8
"""A model with more answers to an image is drawn by their mean."""
MOST_POINTS = 6
SIDE_BY_SIDE = 3
"""Points beside each other if each has a single map."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What the model of one point looks at."""

    point: str
    """Its name for readers."""
    cell: Cell
    maps: Array
    """(answers, rows, columns), at least 0."""
    examples: int
    probabilities: bool
    regions: Array | None = None
    """The pixels in which an answer is written, where the task is known to write it there: bool, as the maps."""

    @property
    def drawn(self) -> list[tuple[str, Array, Array | None]]:
        """The title, the map and the region of each panel."""
        count, noun = len(self.maps), "answer" if self.regions is None else "digit"
        if count == 1 or count > MOST_COLUMNS:
            return [("" if count == 1 else f"mean of {count} {noun}s", self.maps.mean(axis=0), None)]
        regions = [None] * count if self.regions is None else list(self.regions)
        return [(f"{noun} {number}", self.maps[number - 1], regions[number - 1]) for number in range(1, count + 1)]


def draw(pixels: Array, *, region: Array | None = None, most: float, ax: Axes) -> AxesImage:
    """Draws a map, whose darkest colour stands for `most`, and outlines its region."""
    image = ax.imshow(pixels, cmap=style().shades, vmin=0, vmax=most or 1, interpolation="nearest")
    if region is not None:
        ax.add_collection(LineCollection(_outline(region), colors=style().ink, linewidths=0.7 * style().line))
    ax.set(xticks=[], yticks=[])
    ax.grid(visible=False)
    ax.spines[:].set_visible(True)
    return image


def compose(source: Source, *, factor: str | None = None, point: Sequence[str] = ()) -> Composed:
    """Returns the figure: a row of maps for each point. Models whose weights are lost are trained again."""
    cells = _cells(source, factor=factor, asked=[point] if isinstance(point, str) else point)
    _say(_plan(source, cells))
    looks = [_looks(source, name, cell) for name, cell in cells.items()]
    title = "What does the network look at?"
    answer, caption = answer_sentence(looks), _caption(source.ledger.space.name, looks)
    return Composed(made=_figure(looks), study=source.ledger.space.name, title=title, answer=answer, caption=caption)


def cost(source: Source) -> str:
    """Returns why the figure of a study is not drawn unless somebody asks for it; empty if it costs little."""
    lost = [
        name for name, cell in _cells(source, factor=None, asked=()).items() if not has_weights(source.ledger, cell)
    ]
    models = "1 model" if len(lost) == 1 else f"{len(lost)} models"
    return f"{models} would be trained again ({', '.join(lost)})" if lost else ""


def answer_sentence(looks: Sequence[Looks]) -> str:
    """Returns in a sentence how much the answers depend on the pixels in which they are written, at each point.

    If nobody knows these pixels, it says how few pixels hold half of each map.
    """
    regions = [one.regions for one in looks if one.regions is not None]
    if len(regions) < len(looks):
        shares = [pixels_of_half(one.maps) for one in looks]
        return f"Half of what an answer depends on lies in {_by_point(looks, shares, of=' of the image')}."
    shares = [share_inside(one.maps, own) for one, own in zip(looks, regions, strict=True)]
    where = f"a digit's own modules, {_percent(regions[0].mean())} of the code,"
    return f"Of what an answer depends on, {where} hold {_by_point(looks, shares)}."


def _by_point(looks: Sequence[Looks], shares: Sequence[float], *, of: str = "") -> str:
    return listed(
        f"{f'{_percent(share)}{of}' if np.isfinite(share) else 'nothing'} at {one.point.replace(': ', ' ')}"
        for one, share in zip(looks, shares, strict=True)
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.095 or share == 0 else f"{100 * share:.2g} %"


def _cells(source: Source, *, factor: str | None, asked: Sequence[str]) -> Mapping[str, Cell]:
    """Returns the name of each point for readers, and the cell whose model stands for it."""
    table, ledger = source.table, source.ledger
    points = compared_points(table, factor=factor, asked=asked)
    if len(points) > MOST_POINTS:
        raise FigureError(f"{source.name}: {len(points)} points are too many; give at most {MOST_POINTS}")
    cells = [median_cell(ledger, point) for point in points]
    return dict(zip(point_names(table, points), cells, strict=True))


def _plan(source: Source, cells: Mapping[str, Cell]) -> str:
    """Returns what will be done, and about how long it takes."""
    models = " and ".join(f"{name} (seed {cell.config.seed})" for name, cell in cells.items())
    lost = [cell for cell in cells.values() if not has_weights(source.ledger, cell)]
    seconds = sum(cell.result.seconds for cell in lost if cell.result)
    again = f"; {len(lost)} must be trained again, which took {seconds:,.0f} s" if lost else ""
    return f"asking the models of {models} what they look at{again}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _looks(source: Source, name: str, cell: Cell) -> Looks:
    made = saliency(source.ledger, cell, say=_say)
    regions = digit_modules(len(made.maps)) if article.is_its_task(source.table) else None
    return Looks(point=name, cell=cell, regions=regions, **vars(made))


def _figure(looks: Sequence[Looks]) -> Figure:
    columns = max(len(one.drawn) for one in looks)
    in_row = columns if columns > 1 else min(len(looks), SIDE_BY_SIDE)
    heads = [wrapped(one.point, size=10, inches=5.5 * columns / in_row, weight="bold") for one in looks]
    above = max(map(len, heads))
    figure, axes = make_panels(
        columns * len(looks), height=_height(looks, in_row) + 0.2 * above, sharey=False, most_columns=in_row
    )
    most = max(float(pixels.max()) for one in looks for _, pixels, _ in one.drawn)
    for number, (one, head) in enumerate(zip(looks, heads, strict=True)):
        own = axes[columns * number : columns * (number + 1)]
        _write_head(own[0], head)
        for ax, (title, pixels, region) in zip(own, one.drawn, strict=False):
            image = draw(pixels, region=region, most=most, ax=ax)
            ax.set_title("\n" * above + title, loc="left")
        for ax in own[len(one.drawn) :]:  # The model of this point has fewer answers.
            ax.set_axis_off()
    _colour_bar(figure, image, axes, looks)
    return figure


def _height(looks: Sequence[Looks], in_row: int) -> float:
    """Returns the height of a row of panels in inches, so that pixels are squares."""
    rows, columns = looks[0].maps.shape[1:]
    return min(max(5.2 / in_row * float(rows / columns), 0.5), 4) + 0.3


def _write_head(ax: Axes, lines: Sequence[str]) -> None:
    """Writes the point's name above the title of its first panel, where it may reach over the next panels."""
    size, text = style().text, "\n".join(lines)
    place: dict[str, Any] = {"xycoords": "axes fraction", "xytext": (0, 6 + 1.2 * size), "textcoords": "offset points"}
    head = ax.annotate(text, (0, 1), va="bottom", weight="bold", size=size, **place)
    head.set_in_layout(False)


def _colour_bar(figure: Figure, image: AxesImage, axes: Sequence[Axes], looks: Sequence[Looks]) -> None:
    moved = all(one.probabilities for one in looks)
    bar = figure.colorbar(image, ax=list(axes), aspect=30, pad=0.02)
    bar.set_label("share of the probability\nthat moves" if moved else "change of the answer")
    bar.outline.set_visible(False)


def _caption(study: str, looks: Sequence[Looks]) -> str:
    seeds = ", ".join(str(one.cell.config.seed) for one in looks)
    pixel = "pixel" if looks[0].regions is None else "module"
    side = part_side(*looks[0].maps.shape[1:])
    part = pixel if side == 1 else f"square of {side} × {side} {pixel}s"
    outlined = "" if looks[0].regions is None else " Outlined: the modules of the digit's group."
    return (
        f"{study}: one model a point, that of the median seed ({seeds}), on {looks[0].examples} validation examples. "
        f"Each {part} is exchanged for that of another example; the colour is the mean change of the answer.{outlined}"
    )


def _outline(region: Array) -> list[list[tuple[float, float]]]:
    """Returns the edges between pixels inside and outside of a region, as lines in the coordinates of an image."""
    padded = np.pad(region, 1).astype(int)
    rows, columns = np.nonzero(np.diff(padded, axis=0)), np.nonzero(np.diff(padded, axis=1))
    across = [[(x - 1.5, y - 0.5), (x - 0.5, y - 0.5)] for y, x in zip(*rows, strict=True)]
    down = [[(x - 0.5, y - 1.5), (x - 0.5, y - 0.5)] for y, x in zip(*columns, strict=True)]
    return across + down


SCRIPT = FigureScript("saliency", compose, ("--factor", "--point"))

if __name__ == "__main__":
    raise SystemExit(SCRIPT.main())
