"""The commands of the data cache."""

import argparse
import itertools
import sys
import time
from typing import TYPE_CHECKING

from study.cli.lookup import DONE, SOME_FAILED, as_json, console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from study.space.search_space import SearchSpace
    from study.task import Settings, Task


def list_(arguments: argparse.Namespace) -> int:
    """List the data sets of the cache."""
    from study.data import cache
    from study.task import describe
    from study.terminal import duration, plain_table

    entries = cache.entries()
    if arguments.json:
        return as_json({"cache": str(cache.cache_folder()), "entries": [vars(entry) for entry in entries]})
    if not entries:
        print(f"{cache.cache_folder()} holds no data set yet; a trial, or `study cache make FILE`, makes one")
        return DONE
    rows = [
        (
            entry.name,
            f"{entry.bytes / 1e6:,.1f} MB",
            ", ".join(f"{split} {count:,}" for split, count in entry.counts.items()),
            entry.problem or " ".join(f"{name}={describe(value)}" for name, value in entry.settings.items()),
            "" if entry.problem else duration(entry.seconds),
        )
        for entry in entries
    ]
    console().print(plain_table(("data set", "size", "examples", "settings", "made in"), rows), highlight=False)
    print(f"{sum(entry.bytes for entry in entries) / 1e6:,.1f} MB in {cache.cache_folder()}")
    return DONE


def verify(arguments: argparse.Namespace) -> int:
    """Read every byte of the cache and compare it with what was written; 1 where anything is damaged."""
    from study.data import cache

    entries = cache.entries(check=True)
    damaged = [entry for entry in entries if entry.problem]
    for entry in damaged:
        print(f"{cache.cache_folder() / entry.name}: {entry.problem}; the next trial that needs it makes it again")
    print(f"{len(entries)} data set{'s' * (len(entries) != 1)}, {len(damaged)} damaged")
    return SOME_FAILED if damaged else DONE


def clear(arguments: argparse.Namespace) -> int:
    """Remove every data set from the cache; a trial that needs one makes it again."""
    from study.data import cache

    freed, busy = cache.clear()
    for name in busy:
        print(f"{cache.cache_folder() / name}: stays, for it is being made", file=sys.stderr)
    print(f"{freed / 1e6:,.1f} MB given back")
    return SOME_FAILED if busy else DONE


def make(arguments: argparse.Namespace) -> int:
    """Make the data sets that a study needs, and say how long each took."""
    from study.data import cache
    from study.space.task_loading import task_of
    from study.space.toml_file import read
    from study.terminal import duration

    space = read(arguments.file)
    theirs = task_of(space)
    needed = {cache.entry_name(theirs, settings): settings for settings in _settings(space, theirs)}
    for settings in needed.values():
        begin, say = time.monotonic(), _Saying()
        data = cache.attach(theirs, settings, on_progress=say)
        how = f"made in {duration(time.monotonic() - begin)}" if say.said else "was there, and is whole"
        size = sum(path.stat().st_size for path in data.folder.iterdir()) / 1e6
        print(f"{data.folder}: {sum(data.counts.values()):,} examples, {size:,.1f} MB, {how}")
    return DONE


def _settings(space: "SearchSpace", theirs: "Task") -> "Iterator[Settings]":
    """The settings of every point; of a sweep, of whatever its factors of the data may come to, ranges left out."""
    from study.space import points as design
    from study.space.factor import Range

    points = design.points(space)
    if space.design.kind == "sweep":
        of_data = {name for name, setting in theirs.settings.items() if setting.part == "data"}
        listed = {f.name: f.levels for f in space.factors if f.name in of_data and not isinstance(f.levels, Range)}
        points = (dict(zip(listed, point, strict=True)) for point in itertools.product(*listed.values()))
    every = (space.config(point, seed=0).settings for point in points)
    return (settings for settings in every if not theirs.problems(settings))


class _Saying:
    """Says on standard error what takes long, each thing once."""

    def __init__(self) -> None:
        self.said = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self.said:
            print(what, file=sys.stderr)
        self.said = what
