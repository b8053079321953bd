"""What a figure rests on: in two lines for its caption, and in full for a report."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from study.inference import cell_table, mixture, nuisance
from study.inference.columns import FIDELITY
from study.space.looks import seeds_text


def caption(cells: pd.DataFrame, *, marks: str) -> str:
    """Returns the caption: study, points, seeds and fidelity, the marks, and in few words what limits conclusions.

    `cells` are those that the figure is about, complete or not. `marks` explains its marks and intervals.
    """
    used = cell_table.complete(cells)
    about = f"{cells['study'].iloc[0]}: {' × '.join(_points_and_seeds(used))}, {_short_budget(used)}."
    explained = interval_sentence(used, marks) if "bars" in marks.lower() else marks
    return " ".join(filter(None, [about, explained, *_limits(cells)]))


def details(cells: pd.DataFrame, *, note: str) -> str:
    """Returns all that limits the conclusions. `cells` is as in `caption`; `note` explains the figure's marks."""
    used = cell_table.complete(cells)
    parts = [
        f"{cells['study'].iloc[0]}: {len(used)} complete cells ({points_phrase(used)}), {budget_phrase(used)}.",
        note,
        _left_out_sentence(cell_table.left_out(cells)),
        nuisance.scope_sentence(cells, budget=False),
        mixture.mixture_sentence(cells),
        cell_table.epoch_sentence(cells),
        cell_table.looks_sentence(cells),
        cell_table.revision_sentence(cells),
        cell_table.openings_sentence(cells),
    ]
    return " ".join(part for part in parts if part)


def interval_sentence(cells: pd.DataFrame, sentence: str) -> str:
    """Returns the sentence that explains the cells' intervals, and adds what happens to a point with a single seed."""
    seeds = cells.groupby("point").size()
    if (seeds == 1).all():
        return "One seed a point, so no interval can be computed."
    return sentence + (" A point with one seed has no interval." if (seeds == 1).any() else "")


def points_phrase(cells: pd.DataFrame) -> str:
    """Returns how many points these cells belong to and how many seeds each point has."""
    points, seeds = _points_and_seeds(cells)
    return f"{points}, {seeds} each"


def budget_phrase(cells: pd.DataFrame) -> str:
    """Returns the budget of a trial of these cells in words."""
    epochs, train, validation = _budget(cells)
    return f"{epochs} on {train} training examples, measured on {validation} validation examples"


def _points_and_seeds(cells: pd.DataFrame) -> tuple[str, str]:
    """Returns the number of points, and the number of seeds of a point, both with their nouns."""
    seeds = cells.groupby("point").size()
    return _plural(str(len(seeds)), "point"), _plural(number_range(seeds), "seed")


def _short_budget(cells: pd.DataFrame) -> str:
    epochs, train, validation = _budget(cells)
    return f"{epochs} on {train} examples, validated on {validation}"


def _budget(cells: pd.DataFrame) -> tuple[str, str, str]:
    """Returns the epochs with their noun, and the numbers of training and of validation examples."""
    epochs, train, validation = (number_range(cells[column]) for column in FIDELITY)
    return _plural(epochs, "epoch"), train, validation


def _limits(cells: pd.DataFrame) -> Iterator[str]:
    """Yields in few words what the details tell in full."""
    if size := cell_table.equal_size(cells):
        yield f"{size[0].upper()}{size[1:]}."
    if looks := cell_table.declared_looks(cells):
        yield f"Looks at {seeds_text(looks)} seeds."
    if counts := cell_table.left_out(cells):
        yield f"Left out: {cell_table.counts_text(counts)}."
    if mixed := mixture.mixture(cells):
        yield f"Not all ran alike: {', '.join(mixed)}."
    if cell_table.counts_best_epoch(cells):
        yield "The best epoch counts."
    if cell_table.revision_sentence(cells):
        yield "Revised after results."
    if opened := cell_table.openings_sentence(cells):
        yield opened


def _plural(number: str, noun: str) -> str:
    return f"{number} {noun}" if number == "1" else f"{number} {noun}s"


def number_range(values: "pd.Series") -> str:
    """Returns whole numbers as a text: `8`, `8 to 30`."""
    if not np.isfinite(values).all():
        return "an unknown number of"
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _left_out_sentence(counts: Mapping[str, int]) -> str:
    if not counts:
        return "No cell was left out."
    bias = " A level that makes trials fail looks better than it is." if counts.keys() & cell_table.BIASING else ""
    return f"Left out: {cell_table.counts_text(counts)}.{bias}"
