"""Studies as a user has them in Python: how they are run, their tables, and a study as a notebook shows it."""

import math
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Console

from study.errors import StoppedError, StoreError
from study.inference import cell_table
from study.inference.answer import answer
from study.inference.effects import Effect, Summary, summary
from study.inference.findings import conditions
from study.inference.selection import best_point
from study.inference.verdict import verdict_text
from study.launch import launched, report
from study.ledger import holdout
from study.ledger import store as stores
from study.ledger.ledger import Ledger
from study.ledger.named_tables import StudyTables
from study.ledger.named_tables import name_of as name_of
from study.ledger.named_tables import read_epochs as read_epochs
from study.ledger.named_tables import read_table as read_table
from study.ledger.store import JOURNAL, default_store, folder_path, study_folder
from study.report.notebook_view import html_heading, html_view, text_view
from study.report.verdicts import effects_of
from study.running.planned_study import PlannedStudy, plan_study
from study.running.session import EngineName, Options
from study.source import Source
from study.space.points import count_first_cells
from study.space.search_space import SearchSpace
from study.task import Level, plain
from study.terminal import console
from study.training.saved_model import load_model
from study.winner.choice import choose
from study.winner.weights import weights_file

if TYPE_CHECKING:
    import keras

    from analysis.plots import Plots


class _Results(StudyTables):
    """What the store knows of a study at one moment."""

    @cached_property
    def summary(self) -> pd.DataFrame:
        names = [column.name for column in fields(Summary)]
        rows = [] if cell_table.complete(self.table).empty else summary(self.table)
        return pd.DataFrame([vars(row) for row in rows], columns=names)

    @cached_property
    def comparisons(self) -> list[Effect]:
        """Returns the effects that `study effects` shows. Empty if the baseline has no complete cell."""
        return effects_of(self.table)


class Study:
    """A study: what it asks, how it is run, and its results.

    `source` is a search-space file, a dictionary with the keys of such a file, or the name of a study in the store. The
    keys may also be given as arguments: `Study(task="./digits.py", factors={"units": [16, 32]}, ...)`. Without `store`,
    the store is STUDY_STORE or ./mlruns.

    Raises SearchSpaceError with every problem of the keys, a line each, and StoreError if the store has no study of
    this name, or results of another definition.
    """

    def __init__(
        self,
        source: str | Path | Mapping[str, Any] | SearchSpace | None = None,
        *,
        store: str | Path | None = None,
        **keys: Any,
    ) -> None:
        self.store = folder_path(str(store)) if store else default_store()
        self._source = Source.of(source, keys, store=self.store)
        self.space = self._source.read()
        """What the study asks. `run` reads it again, because its file may have been edited."""
        self._read: tuple[object, _Results] | None = None
        """The results that were read last, and the state of the store then."""

    def run(
        self,
        *,
        workers: int | None = None,
        threads: int | None = None,
        max_hours: float = math.inf,
        gpus: int | str | None = None,
        engine: EngineName = "local",
        address: str | None = None,
        accept: bool = False,
        retry_failed: bool = False,
        progress: bool = True,
    ) -> "Study":
        """Run the missing cells, as `study run` does, and log the model of the best point. Returns the study.

        The arguments are the options of `study run`. `retry_failed` runs the cells again that failed for good, as
        `study retry` does. With `progress` a notebook shows a bar, and a terminal a table.

        Ctrl-C, or a notebook's stop button, lets each running trial finish its epoch. Then StoppedError is raised, a
        KeyboardInterrupt. The same call goes on. Raises StudyError if the study cannot be run.
        """
        options = Options(
            workers=plain(workers),
            threads=plain(threads),
            engine=engine,
            address=address,
            gpus=None if gpus is None else str(gpus),
            hours=plain(max_hours),
        )
        self.space = self._source.read()
        output = console() if progress else Console(quiet=True)
        how = {"accept": accept, "retry_failed": retry_failed, "alone": False}
        with launched(self.space, self.store, options, output, file=self._source.file, **how) as launch:
            end = report(launch, self.store, output, say=print if progress else _say_nothing, warn=_warn)
        if launch.session.signal == signal.SIGINT:
            raise StoppedError(end)
        if launch.session.signal is not None:
            # The handler that the process had before decides: most often, the process ends.
            signal.raise_signal(launch.session.signal)
        return self

    def plan(self, *, workers: int | None = None, threads: int | None = None, progress: bool = True) -> PlannedStudy:
        """Build the study's models on its data, and estimate what it will cost, as `study plan` does.

        Takes a minute at most, and the time in which the data are made. Prints or shows as a table; `table` holds the
        models, `hours` the time of all cells. Raises ProblemsError, with a line for each reason, if some cells can
        never succeed.
        """
        options = Options(workers=plain(workers), threads=plain(threads))
        self.space = self._source.read()
        say = print if progress else _say_nothing
        return plan_study(self.space, self.store, workers=options.workers, threads=options.threads or 1, say=say)

    @property
    def ledger(self) -> Ledger:
        """The study's part of the store. Raises StoreError if the study never ran."""
        return self._results().ledger

    @property
    def table(self) -> pd.DataFrame:
        """A row for each cell. Raises StoreError if the study never ran."""
        return self._results().table

    @property
    def epochs(self) -> pd.DataFrame:
        """A row for each epoch of each cell. Raises StoreError if the study never ran."""
        return self._results().epochs

    @property
    def summary(self) -> pd.DataFrame:
        """A row for each point with a complete cell, as `study run` prints it: means, effects and their intervals."""
        return self._results().summary

    @property
    def best(self) -> "pd.Series[Any]":
        """The summary's row with the best mean over seeds. If a search confirmed points, only these are compared.

        Raises StoreError if no cell is complete.
        """
        rows = self.summary
        if rows.empty:
            raise StoreError(f"study {self.space.name!r}: no cell is complete; `study run` runs what is missing")
        best = best_point(dict(zip(rows["point"], rows["mean"], strict=True)), sign=self.space.objective.sign)
        return rows[rows["point"] == best].iloc[0]

    @property
    def best_params(self) -> dict[str, Level]:
        """The level of each factor at the best point, as Optuna's `best_params`. Raises StudyError as `best` does."""
        levels = choose(self.ledger).cell.config.levels()
        return {factor.name: levels[factor.name] for factor in self.space.factors}

    @property
    def effects(self) -> pd.DataFrame:
        """A row for each variant, as `study effects` shows it: what it does, both intervals, p, and the verdict.

        Empty if no cell of the baseline is complete. Raises StoreError if the study never ran.
        """
        names = [column.name for column in fields(Effect)]
        return pd.DataFrame([vars(effect) for effect in self._results().comparisons], columns=names)

    @property
    def plot(self) -> "Plots":
        """The study's figures, such as `study.plot.depth()`, which a notebook shows."""
        # Here, because drawing libraries take a second to load.
        from analysis.plots import Plots

        return Plots(self.space.name, self.store, self)

    def model(self, *, say: Callable[[str], None] = print) -> "keras.Model":
        """Returns the model of the best point's median seed, without optimizer and metrics.

        Its weights come from the store. If the store does not have them, the cell is run again.
        Raises StudyError if no cell is complete.
        """
        # Here, because tables and figures must not load Keras.
        from study.training.answering_model import inference_model

        cell = choose(self.ledger).cell
        return inference_model(load_model(cell.config, weights_file(self.ledger, cell, say=say).parent)[1])

    def _has_run(self) -> bool:
        return self.space.name in stores.names(self.store)

    def _results(self) -> _Results:
        """Returns the results as they are now. They are read again only if the store has changed."""
        if not self._has_run():
            raise StoreError(f"{self.store}: study {self.space.name!r} has not run yet; `run` of this object runs it")
        file = (study_folder(self.store, self.space.name) / JOURNAL).stat()
        state = self.space, file.st_size, file.st_mtime_ns
        if self._read is None or self._read[0] != state:
            asked = None if self._source.is_stored else self.space
            self._read = state, _Results(Ledger.read(self.store, self.space.name, space=asked))
        return self._read[1]

    def __repr__(self) -> str:
        return text_view(*self._shown()) if self._has_run() else self._heading()

    def _repr_html_(self) -> str:
        return html_view(*self._shown()) if self._has_run() else html_heading(self._heading())

    def _shown(self) -> tuple[str, pd.DataFrame, dict[str, str], list[str]]:
        results = self._results()
        verdicts = {effect.point: verdict_text(effect) for effect in results.comparisons}
        heading = f"{self._heading()}\n{answer(self.table, effects=results.comparisons or None)}"
        return heading, self.summary, verdicts, list(conditions(self.table))

    def _heading(self) -> str:
        space = self.space
        title = f"{space.name}: {space.description}" if space.description else space.name
        aim = f"{space.objective.direction} {space.objective.metric}"
        if not self._has_run():
            return f"{title}\n{aim}; {count_first_cells(space)} cells, none of which has run"
        counts = cell_table.counts_text(dict(Counter(self.table["state"]).most_common()))
        openings = holdout.read_openings(self.ledger.folder)
        test_split = f"\n{holdout.openings_in_words(openings)}" if openings else ""
        return f"{title}\n{aim}; {len(self.table)} cells: {counts}; means over seeds with 95 % intervals{test_split}"


def _say_nothing(text: str) -> None:
    """Take the place of `print` if no progress is wanted."""


def _warn(text: str) -> None:
    print(text, file=sys.stderr)


def load_study(name: str, *, store: str | Path | None = None) -> Study:
    """Returns a study by its name or its search-space file. Without `store`, the store is STUDY_STORE or ./mlruns.

    Raises StoreError if the store has no such study.
    """
    return Study(name_of(str(name)), store=store)
