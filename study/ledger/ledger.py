"""The ledger of a study in a store. It is the truth about the states and the results of the cells."""

from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from study.engines.cell_folder import folder_name, remove_working_files
from study.errors import StoreError
from study.files import make_folder
from study.ledger import optuna_journal, store
from study.ledger.cell import Cell, Phase, Trial, check_room, count_begun, judged
from study.ledger.claim import Claim
from study.ledger.codes import Codes, check_made_by, check_unedited
from study.ledger.confirmation import confirming_cells, first_open_seed, mark_skipped
from study.ledger.curves import CurveError, Curves
from study.ledger.data_sets import DataSets
from study.ledger.garbage import no_collection
from study.ledger.history import CHECKS, History, Planned, result_of
from study.ledger.look_cells import LookCells, Outcome, look_cells
from study.ledger.optuna_trials import finish_trial, lose_trial, start_trial, start_waiting_trials
from study.ledger.search import Search
from study.ledger.stored_study import StoredStudy
from study.space.points import count_cells, listed_cells
from study.space.search_space import SearchSpace
from study.space.task_code import UNKNOWN, TaskCode
from study.space.trial import WITH_CURVE, Metrics, TrialConfig, TrialResult
from study.sweep.pruner import SearchPruner
from study.sweep.tried_point import SEED, Suggestion


class Ledger:
    """The trials of one study, read from its folder; `own` gives a ledger that may also write."""

    def __init__(self, space: SearchSpace, study: optuna.Study, stored: StoredStudy, folder: Path) -> None:
        self.space = space
        self.folder = folder
        self.id = stored.id
        """Distinguishes this study from another one with its name, for example one that was removed."""
        self.threads = stored.threads
        """Threads of each worker. They are fixed for a study because they change the last bits of every number."""
        self.revisions = list(stored.revised(space).revisions)
        """Changes to conclusion-deciding settings that were made after results existed, each in words."""
        self.codes = stored.codes
        self.cells_by_code = stored.cells
        """How many cells each code had made when this ledger was read."""
        self.note = ""
        """What was mended in the journal when it was opened for writing; empty if nothing its user must know."""
        self._claim: Claim | None = None
        """None if this ledger only reads."""
        self._code = UNKNOWN
        self._data_sets: DataSets | None = None
        self._study = study
        self._baseline = space.config({}, seed=SEED)
        self._running: dict[int, tuple[optuna.Trial, Trial]] = {}
        self._reached: dict[int, float] = {}
        """What counts so far of the objective of each running trial."""
        self._queue: deque[Planned] = deque()
        self._pruner: SearchPruner | None = None
        self._curves = Curves(folder / "cells")
        self._seen: History | None = None
        """The history that was read last; None if a trial has ended here since."""
        # Optuna copies all attributes of a study at each access, which is too slow to do for every cell.
        self._forgiven = stored.forgiven

    @classmethod
    def read(cls, root: Path, name: str, *, space: SearchSpace | None = None) -> "Ledger":
        """Returns the ledger of a stored study, for reading only. A given space takes the place of the stored one.

        Raises StoreError if there is no such study, or if the space would change its results.
        """
        folder = store.study_folder(root, name)
        if study := optuna_journal.load(folder):
            stored = StoredStudy.of(study)
            if space is not None:
                stored.accepts(space)
            return cls(space or stored.space, study, stored, folder)
        if problem := optuna_journal.lost_journal(folder):
            raise StoreError(problem)
        if name in (names := store.names(root)):
            raise StoreError(f"{folder}: its making was cut off; `study run` with the study's file makes it again")
        others = f"there are {', '.join(names)}" if names else "it holds no study yet"
        raise StoreError(f"{root}: no study {name!r}; {others}")

    @classmethod
    @contextmanager
    def own(
        cls,
        root: Path,
        space: SearchSpace,
        *,
        threads: int | None = None,
        code: TaskCode = UNKNOWN,
        accept: bool = False,
        restore: bool = False,
    ) -> Iterator["Ledger"]:
        """Yields the reconciled ledger of a study, owned by this process alone. Makes the study if there is none.

        `threads` is fixed when the study is made. `code` is the task's code if trials will run. `accept` says that
        cells of other code count as made by this code, and `restore` that the results of a lost journal come now.
        Raises StoreError if another process owns the study, if it cannot be written, if its journal is lost, or if the
        space, the threads or the code would change its results.
        """
        folder = store.study_folder(root, space.name)
        make_folder(folder)
        with store.owned(folder) as claim:
            note = optuna_journal.mend(folder)
            how = {"accept": accept, "restore": restore}
            begun = optuna_journal.begin(folder, space, threads=threads, code=code, **how)
            ledger = cls(space, *begun, folder)
            ledger._code, ledger.note, ledger._claim = code, note, claim
            ledger._reconcile()
            ledger._queue.extend(ledger._missing())
            yield ledger
            # After an exception the next launcher does this, because no line may follow one that is half written. The
            # next launcher also does it if the disk is full by now.
            with suppress(OSError):
                for trial in list(ledger._running):
                    ledger.release(trial, "the launcher stopped")

    # Reading

    @no_collection()
    def cells(self, *, alive: bool | None = None) -> list[Cell]:
        """Returns every cell of the study; in a sweep, the cells that were planned so far.

        `alive` says whether a launcher runs the study. By default the study's lock is tried for a moment.
        """
        history = self._history()
        if alive is None:
            alive = bool(self._running) or store.has_owner(self.folder)
        cells = [history.cell(planned, alive=alive) for planned in self._planned(history)]
        return mark_skipped(cells, history) if self.space.design.pruner == "wilcoxon" else cells

    def counts(self, *, alive: bool | None = None) -> Counter[str]:
        """Returns the number of cells in each state. Cells that a sweep has yet to suggest count as missing.

        `alive` is as for `cells`.
        """
        cells = self.cells(alive=alive)
        counts = Counter[str](cell.state for cell in cells)
        if self.space.design.kind == "sweep" and not any(cell.phase == "confirm" for cell in cells):
            counts["missing"] += max(0, count_cells(self.space) - len(cells))
        return counts

    def begun(self) -> int:
        """Returns how many missing cells have a checkpoint, and so go on after an epoch that is done."""
        return count_begun(self.folder / "cells", (cell.config for cell in self.cells() if cell.state == "missing"))

    def trained(self) -> TrialConfig | None:
        """Returns a cell whose last trial trained. None if there is none."""
        return next((cell.config for cell in self.cells() if cell.state in WITH_CURVE), None)

    def finished(self, *, but: Container[int] = (), readable: bool = False) -> Iterator[tuple[Trial, TrialResult]]:
        """Yields every trial that has a result, retries included, except those whose number is in `but`.

        With `readable`, those whose curve cannot be read are left out.
        """
        history = self._history()
        for trial, stored in history.finished():
            with suppress(*((CurveError,) if readable else ())):
                if trial.number not in but:
                    # A cell keeps only the curve of its last trial.
                    yield trial, self._with_curve(stored) if history.is_last(stored) else result_of(stored)

    def cell_folder(self, config: TrialConfig) -> Path:
        """The folder in which a cell keeps its curve, its log and, while it runs, its checkpoint."""
        return self._folder(config.key)

    def curve(self, key: str) -> list[Metrics]:
        """Returns the metrics of each epoch, the first epoch first, of a cell's last trial that has a result.

        Raises CurveError if the curve is missing, damaged, or not the one that the trial had.
        """
        return self._checked(self._curves.read, key)

    def metrics(self, cell: Cell) -> Metrics:
        """Returns the metrics of the weights that a cell's last trial kept; empty if it has no result."""
        if cell.result is None or cell.result.final:
            return cell.result.metrics if cell.result else {}
        # Only the last epoch is parsed, because a table of a large store asks for thousands of cells.
        last = self._checked(self._curves.last, cell.config.key)
        return last[-1] if last else {}

    def _checked(self, read: Callable[..., list[Metrics]], key: str) -> list[Metrics]:
        try:
            return read(key, known=(self._seen or self._history()).known_curve(key))
        except CurveError:
            # A launcher may have recorded another trial of the cell since the history was read.
            return read(key, known=self._history().known_curve(key))

    def look_lines(self) -> Sequence[str]:
        """Returns what each look of the study has decided, in words. Empty if it declares none."""
        return self._look_cells(self._history()).lines if self.space.looks else []

    # Running trials

    def next(self) -> Trial | None:
        """Start a trial of the next missing cell. Returns None if there is none; in a sweep there may be one later."""
        if self._running and self._code.edited():
            return None  # The running trials may end first. Then the next line raises.
        check_unedited(self._code, study=self.space.name)
        self._check_claim()
        if not self._queue and self.space.looks and not self._running:
            self._queue.extend(self._missing())
        elif not self._queue and self.space.design.kind == "sweep":
            search = self._search(self._history())
            if search.wants_points and (suggestion := self._suggest(search)):
                return self._start(suggestion.config, "search", suggestion)
            self._queue.extend(self._missing())
        return self._start(*self._queue.popleft()) if self._queue else None

    def built(self, trial: int, size: Metrics, data: Mapping[str, Any] | None = None) -> bool:
        """Whether a running trial trains its model. False if the model's size breaks a constraint.

        Raises StoreError if its data are not those of the results before.
        """
        self._data_sets_so_far().check(data or {}, study=self.space.name)
        return not self.space.refusal(size)

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Whether the search's pruner lets a running trial go on after this epoch. The first epoch is 1."""
        running, started = self._running[trial]
        # Only epochs of a search are stored. With those of every trial, a large store would open several times slower.
        value = metrics.get(self.space.objective.metric)
        if started.phase != "search" or len(self.space.objectives) > 1 or value is None:
            return True
        value = self._reached[trial] = self.space.objective.best_so_far(value, self._reached.get(trial))
        # The pruner is made first, from the history without this epoch.
        pruner = self._search_pruner() if self.space.design.pruner not in ("none", "wilcoxon") else None
        running.report(value, step=epoch)
        return pruner is None or pruner.goes_on(started.config.key, epoch, value)

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record the result of a running trial. Returns it as it counts. Raises StoreError if the disk is full."""
        running, started = self._running.pop(trial)
        folder = self.cell_folder(started.config)
        check_room(result, folder)
        self._check_claim()
        check_made_by(self._code, result.code, self.codes, study=self.space.name)
        self._data_sets_so_far().check(result.data, study=self.space.name)
        result = judged(result, self.space)
        # In this order, a trial with a result always has its curve, and a finished trial never has a checkpoint.
        key = started.config.key
        checks = {"key": key, "curve": self._curves.write(key, result.curve)}
        running.set_user_attr("result", {**result.to_json(), CHECKS: checks})
        self._seen = None
        self._data_sets_so_far().add(result.data)
        self._end(trial, started.config.key, result)
        if result.state == "failed":
            self._pruner = None
            self._retry(started)
        elif self._pruner and started.phase == "search":
            self._pruner.finish(self._search(self._history()).tried_point(started.config))
        return result

    def release(self, trial: int, reason: str) -> None:
        """Give back a running trial. Its cell is missing again, and the trial is kept as failed for this reason."""
        running, _ = self._running.pop(trial)
        running.set_user_attr("lost", reason)
        lose_trial(self._study, trial)
        self._pruner = None

    def add_finished(self, config: TrialConfig, result: TrialResult, *, phase: Phase = "", origin: str = "") -> None:
        """Record a trial that ran elsewhere, as if it had run here."""
        trial = self._start(config, phase, Suggestion(config, origin=origin) if origin else None)
        for epoch, metrics in enumerate(result.curve, start=1):
            self.epoch(trial.number, epoch, metrics)
        self.record(trial.number, result)

    def add_revisions(self, texts: Iterable[str]) -> None:
        """Add revisions that were made on another machine after its results existed."""
        new = [text for text in texts if text not in self.revisions]
        if new:
            self.revisions += new
            self._study.set_user_attr("revisions", self.revisions)

    def add_codes(self, codes: Codes) -> None:
        """Keep codes whose results come from elsewhere."""
        if codes != self.codes:
            self.codes = codes
            self._study.set_user_attr("codes", codes.to_json())

    def forget_failures(self) -> int:
        """Forget all failures so far, so that failed cells run again. Returns how many."""
        failed = [cell for cell in self.cells() if cell.state == "failed"]
        self._forgiven = len(self._study.get_trials(deepcopy=False))
        self._study.set_user_attr("forgiven", self._forgiven)
        self._queue.extend((cell.config, cell.phase) for cell in failed)
        return len(failed)

    def _check_claim(self) -> None:
        if self._claim:
            self._claim.check()

    def _start(self, config: TrialConfig, phase: Phase, suggestion: Suggestion | None = None) -> Trial:
        running = start_trial(self._study, self.space, config, phase=phase, suggestion=suggestion)
        origin = suggestion.origin if suggestion else ""
        trial = Trial(running.number, config, config.delta(self._baseline), phase, origin)
        self._running[trial.number] = running, trial
        if self._pruner and phase == "search":
            self._pruner.start(config.key)
        return trial

    def _end(self, trial: int, key: str, result: TrialResult) -> None:
        if result.state != "failed":
            remove_working_files(self._folder(key))
        finish_trial(self._study, self.space, trial, result)

    def _retry(self, trial: Trial) -> None:
        """Queue a cell again after a failure, unless it failed too often."""
        planned = trial.config, trial.phase
        if self._history().cell(planned, alive=True).state == "missing":
            self._queue.append(planned)

    def _reconcile(self) -> None:
        """End every trial that the last launcher left. It ends with its result if it has one, else as failed."""
        start_waiting_trials(self._study)
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if "result" in trial.user_attrs:
                self._end(trial.number, trial.user_attrs["cell"]["key"], self._with_curve(trial))
            else:
                lose_trial(self._study, trial.number)

    # Planned cells

    def _history(self) -> History:
        self._seen = History.of(self._study, self.space, forgiven=self._forgiven)
        return self._seen

    def _planned(self, history: History) -> list[Planned]:
        if self.space.looks:
            return [(config, "") for config in self._look_cells(history).configs]
        if self.space.design.kind != "sweep":
            return [(config, "") for config in listed_cells(self.space)]
        search = self._search(history)
        return search.planned + confirming_cells(search)

    def _look_cells(self, history: History) -> LookCells:
        def outcome(config: TrialConfig) -> Outcome | None:
            if config.key not in history:
                return None
            last, cell = history.last(config), history.cell((config, ""), alive=True)
            if cell.state != "complete":
                return Outcome(cell.state)
            # A launcher that was killed may have recorded a result without telling Optuna.
            told = last.values
            return Outcome("complete", told[0] if told else self.space.objective.of(self._with_curve(last)))

        return look_cells(self.space, outcome)

    def _missing(self) -> list[Planned]:
        cells = self.cells()
        if self.space.design.pruner == "wilcoxon":
            cells = first_open_seed(cells)
        return [(cell.config, cell.phase) for cell in cells if cell.state == "missing"]

    def _search(self, history: History) -> Search:
        return Search(history, exhausted=self._study.user_attrs.get("exhausted") == self._factors())

    def _suggest(self, search: Search) -> Suggestion | None:
        """Returns a new point. If none is left, returns None and records that these factors are exhausted."""
        suggestion = search.suggest()
        if suggestion is None:
            self._study.set_user_attr("exhausted", self._factors())
        return suggestion

    def _factors(self) -> object:
        return self.space.to_json()["factors"]

    def _search_pruner(self) -> SearchPruner:
        """Returns the search's pruner with every point so far, also those that are running."""
        if self._pruner is None:
            self._pruner = SearchPruner(self.space, self._search(self._history()).tried())
        return self._pruner

    def _data_sets_so_far(self) -> DataSets:
        if self._data_sets is None:
            self._data_sets = DataSets()
            for trial in self._study.get_trials(deepcopy=False):
                if "result" in trial.user_attrs:
                    self._data_sets.add(result_of(trial).data)
        return self._data_sets

    def _with_curve(self, trial: FrozenTrial) -> TrialResult:
        return replace(result_of(trial), curve=tuple(self.curve(trial.user_attrs["cell"]["key"])))

    def _folder(self, key: str) -> Path:
        return self.folder / "cells" / folder_name(key)
