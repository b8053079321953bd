"""What every script shares: where its numbers come from, its caption, its panels, and how it is run and saved."""

import argparse
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.words import metric_words
from study import inference
from study.errors import StudyError

WIDTH = 9.4
"""Inches; at 150 dots an inch a figure is as wide as a README shows it."""
DPI = 150
STYLE = {
    **sns.axes_style("ticks"),
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.8,
    "axes.edgecolor": "#666666",
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
MEAN: Mapping[str, Any] = {"fmt": "D", "markersize": 5.5, "capsize": 4, "linewidth": 1.8}
"""How a mean and its interval look."""
EXPORTS = (".csv", ".parquet")
FIDELITY = ("epochs", "train_examples", "validation_examples")
TABLE = ("study", "key", "point", "seed", "state", "objective", "direction", *FIDELITY)
EPOCHS = ("study", "key", "point", "seed", "epoch")


class FigureError(StudyError):
    """A figure that cannot be drawn from what was given."""


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
        if inference.complete(table).empty:
            states = _counted(inference.left_out(table)) or "no cells"
            raise FigureError(f"{self.name}: no complete cell to draw ({states}); `study run` runs what is missing")
        return table

    @cached_property
    def epochs(self) -> pd.DataFrame:
        """A row an epoch, of every cell that reported any."""
        from study.results import read_epochs

        epochs = read_epochs(self.name, store=self.store)
        return self._checked(epochs, EPOCHS, "curves need `study export NAME --epochs`")

    def _checked(self, frame: pd.DataFrame, columns: Iterable[str], way: str) -> pd.DataFrame:
        if lacking := [column for column in columns if column not in frame]:
            raise FigureError(f"{self.name}: no column {', '.join(lacking)}; {way}")
        if frame.empty:
            raise FigureError(f"{self.name}: nothing was recorded yet; `study run` runs what is missing")
        if (count := frame["study"].nunique()) != 1:
            raise FigureError(f"{self.name}: holds {count} studies; a figure shows one")
        return frame

    def folder(self, study: str) -> Path:
        """Where its figures go unless said otherwise."""
        from study.store import study_folder

        return Path(self.name).parent if self.exported else study_folder(self.store, study) / "figures"


@dataclass(frozen=True)
class Script:
    """One figure as a command: `compose` makes it of a source, and of the options given."""

    name: str
    compose: Callable[..., tuple[Figure, str]]
    """(source, **options) → the figure and the study's name."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What argparse is told about each option of its own."""

    def draw(self, source: Source, *, out: Path | None = None, **options: Any) -> Path:
        """Draw and save the figure, log it where the study is logged; its path."""
        with rc_context(STYLE):
            figure, study = self.compose(source, **options)
            straighten(figure)
            path = out or source.folder(study) / self._file(source, options)
            _save(figure, path)
        if not source.exported:
            from study.tracking import log_figure

            log_figure(source.store, study, path)
        return path

    def _file(self, source: Source, options: Mapping[str, Any]) -> str:
        given = (option if isinstance(option, list) else [option] for option in options.values() if option)
        name = "-".join([self.name, *chain.from_iterable(given)])
        return f"{Path(source.name).stem}-{name}.png" if source.exported else f"{name}.png"

    def main(self, argv: Sequence[str] | None = None) -> int:
        """Run the script; its exit status."""
        parser = arguments(f"analysis.{self.name}", sys.modules[self.compose.__module__].__doc__ or "")
        parser.add_argument("--out", type=Path, metavar="FILE.png", help="where to save it")
        for option, how in self.options.items():
            parser.add_argument(f"--{option}", **how)
        given = vars(parser.parse_args(argv))
        source = Source(given.pop("name"), given.pop("store"))
        return reported(self.name, lambda: print(self.draw(source, **given)))


def arguments(program: str, description: str) -> argparse.ArgumentParser:
    """A parser of what every script takes: a study and a store."""
    from study.store import default_store

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


def panels(count: int, *, columns: int = 3, height: float = 5.2, sharey: bool = True) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels, `height` inches for each row of them."""
    columns = min(count, columns)
    rows = -(-count // columns)
    figure = Figure(figsize=(WIDTH, height * rows + 0.9), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False, sharey=sharey).flat)
    for spare in axes[count:]:
        spare.remove()
    return figure, axes[:count]


def entitle(figure: Figure, *, title: str, caption: str) -> None:
    """Put the question above the figure and, below it, what it was made of."""
    figure.suptitle(title, x=0.012, ha="left", fontsize=13, fontweight="bold")
    figure.supxlabel(textwrap.fill(caption, 145), x=0.012, ha="left", fontsize=8.5, color="#555555")


def caption(cells: pd.DataFrame, *, note: str) -> str:
    """What was averaged and what was not: `cells` are those that the figure is about, complete or not."""
    counted = inference.complete(cells)
    parts = [
        f"{cells['study'].iloc[0]}: {len(counted)} complete cells ({points_words(counted)}), {_budget(counted)}.",
        note,
        _missed(inference.left_out(cells)),
        _mixture(counted),
    ]
    return " ".join(part for part in parts if part)


def intervals(cells: pd.DataFrame, sentence: str) -> str:
    """The sentence on how the intervals of these cells were computed, and what becomes of a point with a single seed."""
    seeds = cells.groupby("point").size()
    if (seeds == 1).all():
        return "One seed a point, so no interval can be computed."
    return sentence + (" A point with one seed has no interval." if (seeds == 1).any() else "")


def straighten(figure: Figure) -> None:
    """Turn the tick labels of each horizontal axis on which two of them would touch."""
    figure.draw_without_rendering()
    for ax in figure.axes:
        boxes = [label.get_window_extent() for label in ax.get_xticklabels() if label.get_text()]
        if any(left.x1 + 3 > right.x0 for left, right in pairwise(sorted(boxes, key=lambda box: box.x0))):
            ax.tick_params(axis="x", labelrotation=40)


def objective_words(table: pd.DataFrame) -> str:
    """The objective as a reader calls it."""
    return metric_words(inference.objective(table).removeprefix("metric."), table.columns)


def _save(figure: Figure, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI)
    except (OSError, ValueError) as error:  # Matplotlib refuses an unknown kind of file with a ValueError.
        raise FigureError(f"{path}: cannot be written ({error}); give another place with --out") from None


def points_words(cells: pd.DataFrame) -> str:
    """How many points these cells belong to, and how many seeds each has."""
    seeds = cells.groupby("point").size()
    low, high = int(seeds.min()), int(seeds.max())
    each = f"{low}" if low == high else f"{low} to {high}"
    return f"{_some(len(seeds), 'point')}, {each} {'seed' if high == 1 else 'seeds'} each"


def _budget(cells: pd.DataFrame) -> str:
    epochs, train, validation = (_range(cells[column]) for column in FIDELITY)
    plural = "epoch" if epochs == "1" else "epochs"
    return f"{epochs} {plural} on {train} training examples, measured on {validation} validation examples"


def _range(values: "pd.Series[float]") -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _missed(counts: Mapping[str, int]) -> str:
    if not counts:
        return "No cell was left out."
    return f"Left out of every mean: {_counted(counts)}; where a state depends on the level, that flatters it."


def _mixture(cells: pd.DataFrame) -> str:
    mixed = {name: cells[name].dropna().unique() for name in ("backend", "device", "threads") if name in cells}
    said = [f"{name} {', '.join(map(str, values))}" for name, values in mixed.items() if len(values) > 1]
    return f"Not all ran alike: {'; '.join(said)}." if said else ""


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in counts.items())


def _some(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
