"""`study ablate`: takes the best point of a study apart, or goes from the baseline to it step by step."""

import argparse
import shlex
from collections.abc import Iterator
from pathlib import Path

from study.cli.exit_status import DONE
from study.cli.named_study import named_ledger
from study.cli.output import print_lines
from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.points import Point, count_cells, count_first_cells, listed_points
from study.task import describe
from study.winner.ablation import WrittenAblation, point_of, write_ablation
from study.winner.greedy_path import ENDING, GreedyPath, go_on, step_name


def execute(arguments: argparse.Namespace) -> int:
    """Write the file of an ablation of the best point, or of the next step of a path to it."""
    ledger = named_ledger(arguments)
    point = point_of(ledger, arguments.point)
    if arguments.path:
        if arguments.out is not None:
            name = step_name(ledger.space.name, 1)
            raise StudyError(f"--out {arguments.out}: a path has a file for each step, {name}.toml and so on, here")
        print_lines(*_path_lines(arguments, ledger, point, go_on(ledger, point, arguments.store, Path())))
    else:
        path = arguments.out or Path(f"{ledger.space.name}_ablate.toml")
        print_lines(*_lines(ledger, write_ablation(ledger, point, arguments.store, path)))
    return DONE


def _lines(ledger: Ledger, written: WrittenAblation) -> Iterator[str]:
    """Yields what was written, what was taken over, and the next command."""
    space, path = written.apart.space, shlex.quote(str(written.path))
    yield f"{path}: {space.description}"
    baseline = space.config({}, seed=0).levels()
    for point in listed_points(space):
        yield from (f"  {name}: {describe(baseline[name])} → {describe(level)}" for name, level in point.items())
    yield from (f"left out: {change}: {reason}" for change, reason in written.apart.left_out.items())
    yield f"{count_first_cells(space)} cells at the first look, {count_cells(space)} at most"
    yield from _taken_over(ledger, written)
    yield f"next: study run {path}"


def _taken_over(ledger: Ledger, written: WrittenAblation) -> Iterator[str]:
    """Yields how many cells are there already, and what that means."""
    cells = written.cells
    if cells.cells:
        yield f"{cells.cells} of them have run already, so they are taken over"
    if cells.of_other_code:
        yield f"{cells.of_other_code} have run with other code of the task, so they run again"
    chosen = not written.path.stem.startswith(f"{ledger.space.name}{ENDING}")
    if cells.cells and chosen:
        yield (
            f"the confirmation of {ledger.space.name} has chosen the point by these seeds, so its mean may be a little "
            "optimistic; the seeds of later looks are fresh"
        )


def _path_lines(arguments: argparse.Namespace, ledger: Ledger, goal: Point, path: GreedyPath) -> Iterator[str]:
    """Yields how far the path is, and the next command."""
    name = ledger.space.name
    if path.taken:
        yield f"taken so far, of {len(goal)} changes: {', then '.join(path.taken)}"
    if path.written:
        yield from _lines(ledger, path.written)
        yield f"then: {_again(arguments)}"
    elif path.waiting:
        yield f"{path.waiting}: {path.missing} cells are missing"
        yield f"next: study run {path.waiting}.toml"
        yield f"then: {_again(arguments)}"
    else:
        yield f"the path is complete; next: study plot path {name}"


def _again(arguments: argparse.Namespace) -> str:
    point = f" --point {shlex.quote(arguments.point)}" if arguments.point else ""
    return f"study ablate {shlex.quote(arguments.name)} --path{point}"
