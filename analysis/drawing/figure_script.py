"""A figure as a command: `python -m analysis.NAME` draws it, saves it and logs it."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from analysis.drawing.composed import Composed
from analysis.drawing.options import COMMON, OUT, OWN, Options, StyleName
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import styled
from study.errors import StoreError, StudyError
from study.inference.exported_file import SUFFIXES
from study.ledger.store import default_store, folder_path
from study.space.cell_key import digest
from study.streams import replace_unwritable
from study.tracking import experiment

_LONGEST = 60
"""Characters of an option in the name of a figure's file."""


@dataclass(frozen=True)
class FigureScript:
    """One figure, or one text, as a command."""

    name: str
    compose: Callable[..., Composed]
    """Makes the figure or the text of a source and of the options that only this figure has."""
    options: Sequence[str] = ()
    """Names of the options that only this figure has, out of `OWN`. `--factor` is an example."""
    suffix: str = ".png"

    def make(
        self, source: Source, *, style: StyleName = "paper", title: bool = True, caption: bool = True, **options: Any
    ) -> Composed:
        """Returns the figure in a style. Without `title` it has neither title nor answer.

        Raises StudyError if it cannot be drawn from the source.
        """
        if unknown := [name for name in options if name not in map(_parameter, self.options)]:
            raise FigureError(f"{self.name}: takes no --{unknown[0]}")
        with styled(style):
            return self.compose(source, **options).framed(title=title, caption=caption)

    def draw(self, source: Source, *, out: Path | None = None, style: StyleName = "paper", **how: Any) -> Path:
        """Draws the figure, saves it, and logs it if the study is in a store. Returns the figure's path.

        `how` is as in `make`.
        """
        with styled(style):
            composed = self.make(source, style=style, **how)
            options = [option for name, option in how.items() if name not in ("title", "caption")]
            path = out or source.folder(composed.study) / self._file_name(source, [*options, style])
            composed.save(path)
        if not source.exported:
            _log(source.store, composed.study, path)
        return path

    def _file_name(self, source: Source, options: Sequence[Any]) -> str:
        """Returns the name of the figure's file: with each option that was given, so that none replaces another's."""
        asked = [source.metric, *options]
        given = (option if isinstance(option, list) else [option] for option in asked if option and option != "paper")
        name = "-".join([self.name, *map(_in_file_name, chain.from_iterable(given))])
        return f"{Path(source.name).stem}-{name}{self.suffix}" if source.exported else f"{name}{self.suffix}"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Runs the command. Returns its exit status."""
        parser = make_parser(f"analysis.{self.name}", import_module(self.compose.__module__).__doc__ or "")
        add_options(parser, OUT, {name: OWN[name] for name in self.options})
        given = vars(parser.parse_args(argv))
        source = Source(given.pop("name"), given.pop("store"), given.pop("metric"))
        return exit_status(self.name, lambda: self.show(self.draw(source, **given)))

    def show(self, path: Path) -> None:
        """Prints where the figure is. A text is printed, too."""
        if self.suffix == ".md":
            _print_markdown(path.read_text(encoding="utf-8"))
        print(path)


def _parameter(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _in_file_name(text: str) -> str:
    """Returns the name of a factor, a metric or a table as a part of a file's name. Different ones stay different."""
    name = Path(text).stem if text.endswith((*SUFFIXES, ".toml")) else text
    allowed = re.sub(r"[^\w.-]", "_", name)[:_LONGEST]
    return allowed if allowed == name else f"{allowed}-{digest(text)[:8]}"


def make_parser(program: str, description: str) -> argparse.ArgumentParser:
    """Returns a parser of the arguments that every script has: a study, a store, and how figures look."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("name", metavar="NAME", help="a study's name, its file, or an exported .csv or .parquet")
    parser.add_argument(
        "--store", type=folder_path, default=default_store(), metavar="DIR", help="default: %(default)s"
    )
    add_options(parser, COMMON)
    return parser


def add_options(parser: argparse.ArgumentParser, *options: Options) -> None:
    """Adds options to a parser."""
    for name, how in chain.from_iterable(each.items() for each in options):
        parser.add_argument(name, **how)


def exit_status(program: str, work: Callable[[], None]) -> int:
    """Does the work. Returns 0, or 2 after a line on stderr if the user has something to correct."""
    replace_unwritable()
    try:
        work()
    except StudyError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    return 0


def _print_markdown(text: str) -> None:
    """Prints the text unchanged into a pipe or a file, and with drawn tables on a terminal."""
    if sys.stdout.isatty():
        Console().print(Markdown(text))
    else:
        print(text)


def _log(store: Path, study: str, path: Path) -> None:
    try:
        experiment.log_figure(store, study, path)
    except StoreError as error:  # The figure itself is saved.
        print(f"{path} is not logged: {error}", file=sys.stderr)
