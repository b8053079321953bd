"""The ablation of a study's best point: its file, and the cells that the study has run already."""

from dataclasses import dataclass
from pathlib import Path

from study.errors import StudyError
from study.files import write_whole
from study.ledger.ledger import Ledger
from study.records.taken_cells import TakenCells, take_cells
from study.space.hints import hint, some
from study.space.points import Point
from study.space.rules import NAME
from study.space.search_space import SearchSpace
from study.space.taken_apart import TakenApart, take_apart
from study.space.trial import BASELINE, label
from study.sweep.tried_point import SEED
from study.winner.choice import choose, unfinished


@dataclass(frozen=True)
class WrittenAblation:
    """An ablation whose file is written, and whose study has the cells that ran already."""

    path: Path
    apart: TakenApart
    cells: TakenCells


def point_of(ledger: Ledger, asked: str | None) -> Point:
    """Returns what a point changes of the study's baseline: the point of this label, or without one the best point.

    Raises StudyError if there is no such point, if it is the baseline, or if cells are missing that may change which
    point is the best.
    """
    if asked is not None:
        return _labelled(ledger, asked)
    if missing := unfinished(ledger):
        way = f"`study run` its file first, or name a point by --point {_example(ledger)!r}"
        raise StudyError(f"study {ledger.space.name!r} has no final best point: {missing} cells are missing; {way}")
    best = choose(ledger).cell
    if best.point == BASELINE:
        way = f"name another point, as in --point {_example(ledger)!r}"
        raise StudyError(f"study {ledger.space.name!r}: the baseline is best, so nothing can be put back; {way}")
    return _changes(ledger, best.point)


def _example(ledger: Ledger) -> str:
    return next((cell.point for cell in ledger.cells() if cell.point != BASELINE), "conv_depth=2")


def _labelled(ledger: Ledger, asked: str) -> Point:
    points = list(dict.fromkeys(cell.point for cell in ledger.cells()))
    if asked == BASELINE:
        raise StudyError(
            f"--point {BASELINE}: changes nothing, so nothing can be put back; there are {some(points[1:])}"
        )
    if asked not in points:
        near = hint(asked, points) if len(points) < 10 else f"; there are {some(points)}"
        raise StudyError(f"study {ledger.space.name!r} has no point {asked!r}{near}")
    return _changes(ledger, asked)


def _changes(ledger: Ledger, point: str) -> Point:
    baseline = ledger.space.config({}, seed=SEED)
    config = next(cell.config for cell in ledger.cells() if cell.point == point)
    return ledger.space.existing(config.changes(baseline))


def first_seed(space: SearchSpace) -> int:
    """Returns the first seed on which points may be compared that this study's results have chosen.

    A sweep confirms on the seeds after the search's. Of another design all seeds have chosen.
    """
    return SEED + 1 if space.design.kind == "sweep" else max(space.seeds) + 1


def write_ablation(ledger: Ledger, point: Point, root: Path, path: Path) -> WrittenAblation:
    """Write the file of the ablation that puts each change of a point back, and take over the cells that are there.

    Raises StudyError if the file exists with another content, or if nothing can be put back by itself.
    """
    of = ledger.space.name
    text = f"{label(point)} of {of} taken apart: each change is put back by itself."
    apart = take_apart(
        ledger.space,
        point,
        {},
        name=name_of(path),
        description=text,
        first_seed=first_seed(ledger.space),
        folder=path.parent,
    )
    return write_apart(apart, path, root, sources=[ledger])


def write_apart(apart: TakenApart, path: Path, root: Path, *, sources: list[Ledger]) -> WrittenAblation:
    """Write the file of an ablation, and take over the cells that these studies have."""
    write_new(path, apart.text)
    return WrittenAblation(path, apart, take_cells(apart.space, root, sources))


def name_of(path: Path) -> str:
    """Returns the study's name of a file. Raises StudyError if the file cannot name a study."""
    if path.suffix != ".toml" or not NAME.holds(path.stem):
        raise StudyError(f"{path}: give the name of a search-space file, such as mine.toml; it must be {NAME.words}")
    return path.stem


def write_new(path: Path, text: str) -> None:
    """Write a file, unless it is there with this content. Raises StudyError if it has another one."""
    try:
        if path.exists() and path.read_bytes() != text.encode():
            raise StudyError(f"{path}: exists already with another content, and nothing was written; move it away")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise StudyError(f"{path}: cannot be written: {error.strerror or error}") from None
