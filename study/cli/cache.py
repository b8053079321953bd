"""`study cache`: list, verify, make and clear the data sets on disk."""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from study.cli.exit_status import DONE, SOME_FAILED
from study.cli.output import print_json, print_rows
from study.data import cache, cache_contents
from study.data.cache_contents import Entry
from study.files import cache_folder
from study.space.factor import Range
from study.space.points import Point, listed_points
from study.space.search_space import SearchSpace
from study.space.task_code import TaskCode, code_of
from study.space.task_loading import task_of
from study.space.toml_file import read
from study.task import Settings, Task, describe
from study.terminal import duration
from study.text_table import Column


def list_data_sets(arguments: argparse.Namespace) -> int:
    """List the data sets of the cache."""
    entries = [*cache_contents.entries(), *cache_contents.half_made()]
    if arguments.json:
        print_json({"cache": str(cache_folder()), "entries": [vars(entry) for entry in entries]})
    elif not entries:
        print(f"{cache_folder()} holds no data set yet; a trial, or `study cache make FILE`, makes one")
    else:
        print_rows(_COLUMNS, map(_row, entries))
        print(f"{_megabytes(sum(entry.bytes for entry in entries))} in {cache_folder()}")
    return DONE


_COLUMNS = (
    Column("data set", "name"),
    Column("size"),
    Column("examples", "name", rank=1),
    Column("settings", "name", rank=3),
    Column("made in", rank=2),
    Column("by", "name", rank=4),
)


def _row(entry: Entry) -> tuple[str, ...]:
    examples = ", ".join(f"{split} {count:,}" for split, count in entry.counts.items())
    settings = " ".join(f"{name}={describe(value)}" for name, value in entry.settings.items())
    time_to_make = "" if entry.problem else duration(entry.seconds)
    return entry.name, _megabytes(entry.bytes), examples, entry.problem or settings, time_to_make, entry.place


def _megabytes(size: float) -> str:
    return f"{size / 1e6:,.1f} MB"


def verify(arguments: argparse.Namespace) -> int:
    """Read every byte of the cache and compare it with what was written."""
    entries = cache_contents.entries(check=True)
    damaged = [entry for entry in entries if entry.problem]
    for entry in damaged:
        print(f"{cache_folder() / entry.name}: {entry.problem}; the next trial that needs it makes it again")
    noun = "data set" if len(entries) == 1 else "data sets"
    print(f"{len(entries)} {noun}, {len(damaged)} damaged")
    return SOME_FAILED if damaged else DONE


def clear(arguments: argparse.Namespace) -> int:
    """Remove every data set from the cache; a trial that needs one makes it again."""
    freed, busy = cache_contents.clear()
    for name in busy:
        print(f"{cache_folder() / name}: not removed, because a process is making it", file=sys.stderr)
    print(f"{_megabytes(freed)} given back")
    return SOME_FAILED if busy else DONE


def make(arguments: argparse.Namespace) -> int:
    """Make the data sets that a study needs, and say how long each took."""
    space = read(arguments.file)
    task, code = task_of(space), code_of(space)
    needed = {cache.entry_name(task, settings, code=code): settings for settings in _settings(space, task)}
    for settings in needed.values():
        _make(task, settings, code)
    return DONE


def _make(task: Task, settings: Settings, code: TaskCode) -> None:
    start, progress = time.monotonic(), _Progress()
    data = cache.attach(task, settings, code=code, on_progress=progress)
    examples = f"{sum(data.counts.values()):,} examples"
    if data.is_stream:
        print(f"{data.folder.name}: {examples}, not stored, because a split is a stream")
        return
    how = f"made in {duration(time.monotonic() - start)}" if progress.last else "was there already, undamaged"
    print(f"{data.folder}: {examples}, {_megabytes(_size(data.folder))}, {how}")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _settings(space: SearchSpace, task: Task) -> Iterator[Settings]:
    """Yields the settings of every point that the task accepts."""
    points = _data_points(space, task) if space.design.kind == "sweep" else listed_points(space)
    for point in points:
        settings = space.config(point, seed=0).settings
        if not task.problems(settings):
            yield settings


def _data_points(space: SearchSpace, task: Task) -> Iterator[Point]:
    """Yields all combinations of a sweep's data settings. Ranges are left out, because they have no list of levels."""
    data = {name for name, setting in task.settings.items() if setting.part == "data"}
    levels = {
        factor.name: factor.levels
        for factor in space.factors
        if factor.name in data and not isinstance(factor.levels, Range)
    }
    return (dict(zip(levels, point, strict=True)) for point in itertools.product(*levels.values()))


class _Progress:
    """Prints the name of each long task once, on standard error."""

    def __init__(self) -> None:
        self.last = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.last:
            print(what, file=sys.stderr)
        self.last = what
