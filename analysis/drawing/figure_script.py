"""A figure as a command: `python -m analysis.NAME` draws it, saves it and logs it."""

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from analysis.drawing.panels import DPI, STYLE, show_dollars, turn_crowded_labels
from analysis.drawing.source import FigureError, Source
from study.errors import StoreError, StudyError
from study.files import write_whole
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
    compose: Callable[..., tuple[Figure | str, str]]
    """Makes the figure or the text of a source and of the options. Also returns the study's name."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Arguments that only this command has: name → what argparse needs to know. `--factor` is an example."""
    suffix: str = ".png"

    def draw(self, source: Source, *, out: Path | None = None, **options: Any) -> Path:
        """Draws the figure, saves it, and logs it if the study is in a store. Returns the figure's path."""
        with rc_context(STYLE):
            made, study = self.compose(source, **options)
            path = out or source.folder(study) / self._file_name(source, options)
            _save(made, path)
        if not source.exported:
            _log(source.store, study, path)
        return path

    def _file_name(self, source: Source, options: Mapping[str, Any]) -> str:
        given = (option if isinstance(option, list) else [option] for option in options.values() if option)
        name = "-".join([self.name, *map(_in_file_name, chain.from_iterable(given))])
        return f"{Path(source.name).stem}-{name}{self.suffix}" if source.exported else f"{name}{self.suffix}"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Runs the command. Returns its exit status."""
        parser = make_parser(f"analysis.{self.name}", sys.modules[self.compose.__module__].__doc__ or "")
        parser.add_argument("--out", type=Path, metavar=f"FILE{self.suffix}", help="where to save it")
        for argument, how in self.options.items():
            parser.add_argument(argument, **how)
        given = vars(parser.parse_args(argv))
        source = Source(given.pop("name"), given.pop("store"))
        return exit_status(self.name, lambda: self._show(self.draw(source, **given)))

    def _show(self, path: Path) -> None:
        if self.suffix == ".md":
            _print_markdown(path.read_text(encoding="utf-8"))
        print(path)


def _in_file_name(text: str) -> str:
    """Returns the name of a factor, a metric or a table as a part of a file's name. Different ones stay different."""
    name = Path(text).stem if text.endswith((*SUFFIXES, ".toml")) else text
    allowed = re.sub(r"[^\w.-]", "_", name)[:_LONGEST]
    return allowed if allowed == name else f"{allowed}-{digest(text)[:8]}"


def make_parser(program: str, description: str) -> argparse.ArgumentParser:
    """Returns a parser of the arguments that every script has: a study and a store."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("name", metavar="NAME", help="a study's name, its file, or an exported .csv or .parquet")
    parser.add_argument(
        "--store", type=folder_path, default=default_store(), metavar="DIR", help="default: %(default)s"
    )
    return parser


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
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console  # Imported late: only a terminal needs rich.
    from rich.markdown import Markdown

    Console().print(Markdown(text))


def _log(store: Path, study: str, path: Path) -> None:
    try:
        experiment.log_figure(store, study, path)
    except StoreError as error:  # The figure itself is saved.
        print(f"{path} is not logged: {error}", file=sys.stderr)


def _save(made: Figure | str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(made, str):
            write_whole(path, made)
        else:
            show_dollars(made)
            turn_crowded_labels(made)
            made.savefig(path, dpi=DPI)
    except (OSError, ValueError) as error:  # Matplotlib refuses an unknown kind of file with a ValueError.
        raise FigureError(f"{path}: cannot be written ({error}); choose another place with --out") from None
