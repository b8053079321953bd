"""How a figure, or a text, is made of a study: where its numbers come from, and the command that makes and saves it."""

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure

from analysis.figure import DPI, STYLE, FigureError, straighten
from study.errors import StoreError, StudyError
from study.files import write_whole
from study.inference import cell_table as tidy
from study.inference.columns import EPOCHS, IDENTITY, TABLE, Column, level_column, needed, of_kind

EXPORTS = (".csv", ".parquet")


@dataclass(frozen=True)
class Source:
    """Where a figure's numbers come from: a study in a store, by name or by file, or an export of one."""

    name: str
    store: Path

    @property
    def exported(self) -> bool:
        """Whether it is a file that `study export` wrote, and so apart from any store."""
        return Path(self.name).suffix in EXPORTS

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a cell, of one study with at least one complete cell."""
        from study.results import read_table

        table = self._checked(read_table(self.name, store=self.store), TABLE, "a figure needs `study export NAME`")
        if tidy.complete(table).empty:
            states = tidy.counted(tidy.left_out(table))
            raise FigureError(f"{self.name}: no complete cell to draw ({states}); `study run` runs what is missing")
        changed = {factor for point in table["point"].unique() for factor in tidy.changed(point)}
        if lacking := [name for name in map(level_column, sorted(changed)) if name not in table]:
            raise FigureError(f"{self.name}: no column {', '.join(lacking)}, yet points change it")
        return table

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """A row an epoch, of every cell that reported any."""
        from study.results import read_epochs

        epochs = read_epochs(self.name, store=self.store)
        return self._checked(epochs, EPOCHS, "curves need `study export NAME --epochs`")

    def _checked(self, frame: pd.DataFrame, schema: Iterable[Column], way: str) -> pd.DataFrame:
        if lacking := [name for name in needed(schema, "effects", "figures") if name not in frame]:
            raise FigureError(f"{self.name}: no column {', '.join(lacking)}; {way}")
        if frame.empty:
            raise FigureError(f"{self.name}: nothing was recorded yet; `study run` runs what is missing")
        if (count := frame["study"].nunique()) != 1:
            raise FigureError(f"{self.name}: holds {count} studies; a figure shows one")
        frame = self._typed(frame)
        if holes := [column for column in (*IDENTITY, "epoch") if column in frame and frame[column].isna().any()]:
            raise FigureError(f"{self.name}: {', '.join(holes)} must be given in every row")
        return frame

    def _typed(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with texts and finite numbers where they belong: a file may hold anything."""
        texts = {
            name: frame[name].astype(str).where(frame[name].notna() & (frame[name] != ""))
            for name in IDENTITY
            if name != "seed"
        }
        numbers = of_kind(map(str, frame), "number")
        try:
            values = {column: pd.to_numeric(frame[column]).replace([np.inf, -np.inf], np.nan) for column in numbers}
        except (TypeError, ValueError) as error:
            raise FigureError(f"{self.name}: {', '.join(numbers)} must be numbers: {error}") from None
        return frame.assign(**texts, **values)

    def folder(self, study: str) -> Path:
        """Where its figures go unless said otherwise."""
        from study.ledger.store import study_folder

        return Path(self.name).parent if self.exported else study_folder(self.store, study) / "figures"


@dataclass(frozen=True)
class Script:
    """One figure, or one text, as a command: `compose` makes it of a source and of the options given."""

    name: str
    compose: Callable[..., tuple[Figure | str, str]]
    """(source, **options) → the figure or the text, and the study's name."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What argparse is told about each argument of its own: `--factor`, or `more` for what follows the name."""
    suffix: str = ".png"

    def draw(self, source: Source, *, out: Path | None = None, **options: Any) -> Path:
        """Draw and save the figure, log it where the study is logged; its path."""
        with rc_context(STYLE):
            made, study = self.compose(source, **options)
            path = out or source.folder(study) / self._file(source, options)
            _save(made, path)
        if not source.exported:
            from study.tracking.experiment import log_figure

            try:
                log_figure(source.store, study, path)
            except StoreError as error:  # The figure itself is there.
                print(f"{path} is not logged: {error}", file=sys.stderr)
        return path

    def _file(self, source: Source, options: Mapping[str, Any]) -> str:
        given = (option if isinstance(option, list) else [option] for option in options.values() if option)
        name = "-".join([self.name, *(Path(text).stem for text in chain.from_iterable(given))])
        return f"{Path(source.name).stem}-{name}{self.suffix}" if source.exported else f"{name}{self.suffix}"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run the script; its exit status."""
        parser = arguments(f"analysis.{self.name}", sys.modules[self.compose.__module__].__doc__ or "")
        parser.add_argument("--out", type=Path, metavar=f"FILE{self.suffix}", help="where to save it")
        for argument, how in self.options.items():
            parser.add_argument(argument, **how)
        given = vars(parser.parse_args(argv))
        source = Source(given.pop("name"), given.pop("store"))
        return reported(self.name, lambda: self._show(self.draw(source, **given)))

    def _show(self, path: Path) -> None:
        if self.suffix == ".md":
            _print(path.read_text(encoding="utf-8"))
        print(path)


def arguments(program: str, description: str) -> argparse.ArgumentParser:
    """A parser of what every script takes: a study and a store."""
    from study.ledger.store import default_store

    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=description)
    parser.add_argument("name", metavar="NAME", help="a study's name, its file, or an exported .csv or .parquet")
    parser.add_argument("--store", type=Path, default=default_store(), metavar="DIR", help="default: %(default)s")
    return parser


def reported(program: str, work: Callable[[], None]) -> int:
    """Do the work; 0, or 2 with a line on stderr where its reader has something to mend."""
    try:
        work()
    except StudyError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    return 0


def _print(markdown: str) -> None:
    """As it is into a pipe or a file; for a person's eyes the tables in lines."""
    from rich.console import Console
    from rich.markdown import Markdown

    if sys.stdout.isatty():
        Console().print(Markdown(markdown))
    else:
        print(markdown)


def _save(made: Figure | str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(made, str):
            write_whole(path, made)
        else:
            straighten(made)
            made.savefig(path, dpi=DPI)
    except (OSError, ValueError) as error:  # Matplotlib refuses an unknown kind of file with a ValueError.
        raise FigureError(f"{path}: cannot be written ({error}); give another place with --out") from None
