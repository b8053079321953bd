"""`study check`: is a search-space file valid, and what would run?"""

import argparse
from collections.abc import Iterator
from itertools import islice

from study.cli.code_notes import print_code_notes
from study.cli.exit_status import DONE
from study.cli.margin_check import check_margin
from study.cli.output import print_json, print_lines
from study.space.looks import looks_text
from study.space.points import asked_points, count_cells, count_first_cells, count_points, listed_points
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.space.trial import label
from study.task import describe_count

_MOST_POINTS = 50


def execute(arguments: argparse.Namespace) -> int:
    """Say whether a file is valid, and what would run."""
    space = read(arguments.file)
    check_margin(arguments.file, space, arguments.store)
    baseline = space.config({}, seed=0)
    labels = (space.config(point, seed=0).delta(baseline) for point in listed_points(space))
    if arguments.json:
        cells, seeds = count_cells(space), list(space.seeds)
        looks = {"looks": list(space.looks)} if space.looks else {}
        match = {"match": space.match.to_json()} if space.match else {}
        print_json({"study": space.name, "cells": cells, "points": list(labels), "seeds": seeds, **looks, **match})
        return DONE
    print_lines(f"{arguments.file} is valid: study {space.name!r}, {space.design.kind} of task {space.task!r}")
    _print_counts(space)
    _print_fidelity(space)
    print_code_notes(space, arguments.store)
    if space.match:
        print_lines(f"equal size: {space.match}")
    for name, size in zip(islice(labels, _MOST_POINTS), _sizes(space), strict=False):
        print_lines(f"  {name}{size}")
    count = count_points(space)
    if count > _MOST_POINTS and space.design.kind != "sweep":
        print_lines(f"  … and {count - _MOST_POINTS:,} more")
    return DONE


def _sizes(space: SearchSpace) -> Iterator[str]:
    """Yields what follows the name of each point: its size, if points are made equally large."""
    for point in asked_points(space):
        yield f"  ({space.match.size_in_words(label(point))})" if space.match else ""


def _print_counts(space: SearchSpace) -> None:
    cells, points = count_cells(space), count_points(space)
    if space.design.kind == "sweep":
        confirm = space.design.confirm
        print_lines(f"{cells:,} cells: {points:,} suggested points, then the {confirm.top} best and the baseline")
        print_lines(f"on {confirm.seeds} fresh seeds each")
    elif space.looks:
        print_lines(f"{points:,} points, {looks_text(space.look_seeds)}")
        print_lines(
            f"{count_first_cells(space):,} cells at the first look, {cells:,} at most: who is decided gets no more"
        )
    else:
        print_lines(f"{cells:,} cells: {points:,} points, each on seeds {', '.join(map(str, space.seeds))}")


def _print_fidelity(space: SearchSpace) -> None:
    fidelity = space.fidelity
    noun = "epoch" if fidelity.epochs == 1 else "epochs"
    print_lines(
        f"each {fidelity.epochs} {noun} on {describe_count(fidelity.train_examples)} examples; "
        f"{' and '.join(map(str, space.objectives))} on {describe_count(fidelity.validation_examples)}"
    )
