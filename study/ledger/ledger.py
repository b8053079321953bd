"""Which cells are done, running, lost; the only owner of Optuna's storage."""

import json
from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from study.engines.cell_folder import CURVE, folder_name, remove_working_files
from study.errors import StoreError
from study.files import make_folder, write_whole
from study.ledger import optuna_journal as journal
from study.ledger import store
from study.ledger.cell import Cell, Phase, Trial, check_room, judged, state_after
from study.space import points as design
from study.space.pareto_front import front
from study.space.search_space import SearchSpace
from study.space.trial import CellState, Metrics, TrialConfig, TrialResult
from study.sweep.distributions import distributions
from study.sweep.pruner import SearchPruner, worse_than_best
from study.sweep.sampler import suggest
from study.sweep.tried_point import SEED, Suggestion, TriedPoint

Planned = tuple[TrialConfig, Phase]
History = Mapping[str, Sequence[FrozenTrial]]
"""The trials of each cell by its key; cells and trials in the order in which they began."""

_OPTUNA_STATE = {
    "complete": TrialState.COMPLETE,
    # A diverged trial is a result: told as pruned it counts against its point, as failed a sampler would ignore it.
    "pruned": TrialState.PRUNED,
    "refused": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


class Ledger:
    """The trials of one study, read from its folder; `own` gives one that may also write."""

    def __init__(self, space: SearchSpace, study: optuna.Study, folder: Path) -> None:
        self.space = space
        self.folder = folder
        self._study = study
        self._baseline = space.config({}, seed=SEED)
        self._running: dict[int, tuple[optuna.Trial, Trial]] = {}
        self._queue: deque[Planned] = deque()
        self._race: SearchPruner | None = None
        # Optuna copies all of a study's attributes to give one: too dear to be asked for every cell.
        self._forgiven: int = study.user_attrs.get("forgiven", 0)

    @classmethod
    def read(cls, root: Path, name: str, *, space: SearchSpace | None = None) -> "Ledger":
        """The ledger of a study in the store, not to be written; with a space, as its file now stands.

        Raises StoreError where there is none, or where its results were made with something else than the file says.
        """
        folder = store.study_folder(root, name)
        if study := journal.load(folder):
            if space is not None:
                journal.fits(study, space)
            return cls(space or SearchSpace.from_json(study.user_attrs["space"]), study, folder)
        if name in (there := store.names(root)):
            raise StoreError(f"{folder}: was cut off while it was made; `study run` with its file makes it again")
        known = f"there are {', '.join(there)}" if there else "it holds no study yet"
        raise StoreError(f"{root}: no study {name!r}; {known}")

    @classmethod
    @contextmanager
    def own(cls, root: Path, space: SearchSpace, *, threads: int | None = None) -> Iterator["Ledger"]:
        """The ledger of a study, made where it is missing, owned by this process alone and reconciled.

        `threads` is fixed when the study is made. Raises StoreError where another process owns it, where it cannot be
        written, or where its results were made with something else than what the file now asks for.
        """
        folder = store.study_folder(root, space.name)
        make_folder(folder)
        with store.owned(folder):
            ledger = cls(space, journal.begin(folder, space, threads=threads), folder)
            ledger._reconcile()
            ledger._queue.extend(ledger._missing())
            yield ledger
            # After an exception this is left to the next launcher: nothing must follow a line that is half written.
            with suppress(Exception):
                for trial in list(ledger._running):
                    ledger.release(trial, "the launcher stopped")

    @property
    def id(self) -> str:
        """What tells this study from another of its name, one that was removed for instance."""
        return str(self._study.user_attrs["id"])

    @property
    def threads(self) -> int:
        """Threads of each worker: fixed for the study, for they change the last bits of every number."""
        return int(self._study.user_attrs["threads"])

    @property
    def revisions(self) -> list[str]:
        """What decides the conclusions and was changed when there were results, a text each time."""
        return journal.revisions(self._study, self.space)

    # What there is

    def cells(self) -> list[Cell]:
        """Every cell that is known: of a design that enumerates all of them, of a sweep those suggested so far."""
        history = self._history()
        alive = bool(self._running) or store.has_owner(self.folder)
        cells = [self._cell(planned, history, alive=alive) for planned in self._planned(history)]
        return _spared(self.space, cells, history) if self.space.design.pruner == "wilcoxon" else cells

    def counts(self) -> Counter[str]:
        """How many cells are in each state; those that a sweep has yet to suggest are missing."""
        cells = self.cells()
        counts = Counter[str](cell.state for cell in cells)
        if self.space.design.kind == "sweep" and not any(cell.phase == "confirm" for cell in cells):
            counts["missing"] += max(0, design.count(self.space) - len(cells))
        return counts

    def finished(self, *, but: Container[int] = ()) -> Iterator[tuple[Trial, TrialResult]]:
        """Every trial that has a result, retries included, save those numbered in `but`."""
        for trials in self._history().values():
            for trial in trials:
                if "result" in trial.user_attrs and trial.number not in but:
                    cell = trial.user_attrs["cell"]
                    config = self.space.config(cell["point"], seed=cell["seed"])
                    drawn = trial.user_attrs.get("drawn", "")
                    claim = Trial(trial.number, config, config.delta(self._baseline), cell["phase"], drawn)
                    # A cell keeps one curve: its last trial's.
                    yield claim, self._with_curve(trial) if trial is trials[-1] else _result(trial)

    def cell_folder(self, config: TrialConfig) -> Path:
        """Where a cell keeps its curve, its log and, while it runs, its checkpoint."""
        return self._folder(config.key)

    def curve(self, key: str) -> list[Metrics]:
        """The metrics of each epoch of the last trial of a cell that came to a result, the first epoch first."""
        path = self._folder(key) / CURVE
        try:
            lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
            return [json.loads(line) for line in lines]
        except ValueError as error:
            raise StoreError(f"{path}: is damaged ({error}); put it back from a copy of the store") from error

    # What happens

    def next(self) -> Trial | None:
        """Claim the next cell that must be run, or None where there is none (at the moment, in a sweep)."""
        if not self._queue and self.space.design.kind == "sweep":
            history = self._history()
            searched = self._searched(history)
            if self._searching(searched) and (claim := self._suggest(searched, history)):
                return claim
            self._queue.extend(self._missing())
        return self._claim(*self._queue.popleft()) if self._queue else None

    def built(self, trial: int, size: Metrics) -> bool:
        """Whether a running trial shall train its model: not if the model's size breaks a constraint."""
        return not self.space.refusal(size)

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Whether a running trial goes on after this epoch (the first is 1), as the search's pruner has it."""
        running, claim = self._running[trial]
        # Only a search is told of epochs: a large store would open several times as slowly with those of every trial.
        value = metrics.get(self.space.objective.metric)
        if claim.phase != "search" or len(self.space.objectives) > 1 or value is None:
            return True
        # The race is put together first: what is reported is part of it.
        race = self._racing() if self.space.design.pruner not in ("none", "wilcoxon") else None
        running.report(value, step=epoch)
        return race is None or race.goes_on(claim.config.key, epoch, value)

    def record(self, trial: int, result: TrialResult) -> TrialResult:
        """Record what came out of a running trial; the result as it now stands. Raises StoreError on a full disk."""
        running, claim = self._running.pop(trial)
        folder = self.cell_folder(claim.config)
        check_room(result, folder)
        result = judged(result, self.space)
        folder.mkdir(parents=True, exist_ok=True)
        # In this order: a trial that has a result has its curve, and one that is over has a result and no checkpoint.
        write_whole(folder / CURVE, "".join(json.dumps(dict(metrics)) + "\n" for metrics in result.curve))
        running.set_user_attr("result", result.to_json())
        self._tell(trial, claim.config.key, result)
        if self._race and claim.phase == "search" and result.state != "failed":
            self._race.finish(self._tried(claim.config, self._history()[claim.config.key]))
        if result.state == "failed":
            self._race = None
            planned = claim.config, claim.phase
            if self._cell(planned, self._history(), alive=True).state == "missing":
                self._queue.append(planned)
        return result

    def release(self, trial: int, reason: str) -> None:
        """Give back a running trial: its cell is missing again, and the trial is kept as failed for this reason."""
        running, _ = self._running.pop(trial)
        running.set_user_attr("lost", reason)
        self._study.tell(trial, state=TrialState.FAIL)
        self._race = None

    def take(self, config: TrialConfig, result: TrialResult, *, phase: Phase = "", drawn: str = "") -> None:
        """Record a trial that ran elsewhere, as if it had run here."""
        claim = self._claim(config, phase, Suggestion(config, origin=drawn) if drawn else None)
        for epoch, metrics in enumerate(result.curve, start=1):
            self.epoch(claim.number, epoch, metrics)
        self.record(claim.number, result)

    def revised(self, texts: Iterable[str]) -> None:
        """Keep what was revised elsewhere, where the results that come from there were known."""
        new = [text for text in texts if text not in self.revisions]
        if new:
            self._study.set_user_attr("revisions", [*self.revisions, *new])

    def forget_failures(self) -> int:
        """Forget all failures so far, so that failed cells run again. Returns how many."""
        failed = [cell for cell in self.cells() if cell.state == "failed"]
        self._forgiven = len(self._study.get_trials(deepcopy=False))
        self._study.set_user_attr("forgiven", self._forgiven)
        self._queue.extend((cell.config, cell.phase) for cell in failed)
        return len(failed)

    def _claim(self, config: TrialConfig, phase: Phase, draw: Suggestion | None = None) -> Trial:
        """Make the cell an Optuna trial, in one line of the journal and so whole or not at all, and begin it."""
        levels = config.levels()
        # A trial of another machine may have a level that this study's file does not name (yet).
        known = {f.name for f in self.space.factors if f.exists(levels) and f.holds(levels[f.name])}
        told = {name: what for name, what in distributions(self.space).items() if name in known}
        drawn = {"draws": draw.draws, "drawn": draw.origin} if draw and draw.origin else {}
        point = config.changes(self._baseline)
        cell = {"key": config.key, "point": point, "seed": config.seed, "phase": phase}
        self._study.add_trial(
            create_trial(
                state=TrialState.WAITING,
                params={name: levels[name] for name in told},
                distributions=told,
                user_attrs={"cell": cell, **drawn},
                system_attrs=dict(draw.marks) if draw else None,
            )
        )
        running = self._study.ask()
        claim = Trial(running.number, config, config.delta(self._baseline), phase, draw.origin if draw else "")
        self._running[claim.number] = running, claim
        if self._race and phase == "search":
            self._race.start(config.key)
        return claim

    def _tell(self, trial: int, key: str, result: TrialResult) -> None:
        if result.state != "failed":
            remove_working_files(self._folder(key))
        known = (objective.of(result) for objective in self.space.objectives)
        values = [value for value in known if value is not None] if result.state == "complete" else None
        self._study.tell(trial, values, state=_OPTUNA_STATE[result.state])

    def _reconcile(self) -> None:
        """Tell of every trial that the last launcher left behind: its result, where it has one, else that it failed."""
        while any(trial.state == TrialState.WAITING for trial in self._study.get_trials(deepcopy=False)):
            self._study.ask()
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            if "result" in trial.user_attrs:
                self._tell(trial.number, trial.user_attrs["cell"]["key"], self._with_curve(trial))
            else:
                self._study.tell(trial.number, state=TrialState.FAIL)

    # How the cells stand

    def _history(self) -> History:
        history: dict[str, list[FrozenTrial]] = defaultdict(list)
        for trial in self._study.get_trials(deepcopy=False):
            history[trial.user_attrs["cell"]["key"]].append(trial)
        return history

    def _planned(self, history: History) -> list[Planned]:
        if self.space.design.kind != "sweep":
            return [(config, "") for config in design.cells(self.space)]
        searched = self._searched(history)
        return searched + self._confirmation(searched, history)

    def _missing(self) -> list[Planned]:
        cells = self.cells()
        if self.space.design.pruner == "wilcoxon":  # Who goes on to the next seed is known when this one is over.
            now = min((cell.config.seed for cell in cells if cell.state in ("missing", "running")), default=0)
            cells = [cell for cell in cells if cell.config.seed == now]
        return [(cell.config, cell.phase) for cell in cells if cell.state == "missing"]

    def _cell(self, planned: Planned, history: History, *, alive: bool) -> Cell:
        """How a cell stands; `alive` says whether a trial that is not over has a launcher."""
        config, phase = planned
        point = config.delta(self._baseline)
        if not (trials := history.get(config.key)):
            return Cell(config, point, phase)
        results = [_result(trial) for trial in trials if "result" in trial.user_attrs]
        failures = sum(trial.number >= self._forgiven and _failed(trial) for trial in trials)
        last = results[-1] if "result" in trials[-1].user_attrs else None
        state: CellState
        if last is None:
            state = "running" if alive and not trials[-1].state.is_finished() else "missing"
        else:
            state = state_after(last.state, failures=failures, retries=self.space.max_retries)
        return Cell(config, point, phase, state, trials[-1].number, failures, last)

    def _with_curve(self, trial: FrozenTrial) -> TrialResult:
        return replace(_result(trial), curve=tuple(self.curve(trial.user_attrs["cell"]["key"])))

    def _folder(self, key: str) -> Path:
        return self.folder / "cells" / folder_name(key)

    # How a sweep goes on: from the baseline through new points to fresh seeds of the best

    def _searched(self, history: History) -> list[Planned]:
        cells = [trials[0].user_attrs["cell"] for trials in history.values()]
        points = [cell["point"] for cell in cells if cell["phase"] == "search" and cell["point"]]
        return [(self.space.config(point, seed=SEED), "search") for point in ({}, *points)]

    def _searching(self, searched: Sequence[Planned]) -> bool:
        """Whether the search wants more points, and there are more."""
        exhausted = self._study.user_attrs.get("exhausted") == self._levels()
        return len(searched) < self.space.design.trials and not exhausted

    def _levels(self) -> object:
        return self.space.to_json()["factors"]

    def _suggest(self, searched: Sequence[Planned], history: History) -> Trial | None:
        """Claim a new point; None where there is none left."""
        draw = suggest(self.space, list(self._all_tried(searched, history)), seen=history)
        if draw is None:
            self._study.set_user_attr("exhausted", self._levels())
            return None
        return self._claim(draw.config, "search", draw)

    def _all_tried(self, searched: Sequence[Planned], history: History) -> Iterator[TriedPoint]:
        return (self._tried(config, history[config.key]) for config, _ in searched if config.key in history)

    def _tried(self, config: TrialConfig, trials: Sequence[FrozenTrial]) -> TriedPoint:
        """A point of the search as its sampler came to it at first, and as its last trial stands."""
        first, last = trials[0], trials[-1]
        draw = Suggestion(config, first.user_attrs.get("draws", 1), first.system_attrs)
        excess = {}
        if "result" in last.user_attrs and last.state != TrialState.FAIL:
            size = vars(_result(last))
            known = {bound: size[bound.size] for bound in self.space.constraints}
            excess = {str(bound): 1.0 if number is None else bound.excess(number) for bound, number in known.items()}
        return TriedPoint(draw, last.state, last.values, last.intermediate_values, excess)

    def _racing(self) -> SearchPruner:
        """The search's points as its pruner sees them, this moment's trials among them."""
        if self._race is None:
            history = self._history()
            self._race = SearchPruner(self.space, self._all_tried(self._searched(history), history))
        return self._race

    def _confirmation(self, searched: Sequence[Planned], history: History) -> list[Planned]:
        """The best points of the search and the baseline, each on fresh seeds; none before the search is over."""
        cells = [self._cell(planned, history, alive=True) for planned in searched]
        if self._searching(searched) or any(cell.state in ("missing", "running") for cell in cells):
            return []
        found = [cell.config for cell in cells if cell.state == "complete" and cell.point != "baseline"]
        values = {config.key: history[config.key][-1].values for config in found}
        if len(self.space.objectives) > 1:
            found = [found[place] for place in front(list(values.values()), self.space.objectives)]
        sign, confirm = self.space.objective.sign, self.space.design.confirm
        found.sort(key=lambda config: sign * values[config.key][0], reverse=True)
        best = [self._baseline, *found[: confirm.top]]
        seeds = range(SEED + 1, SEED + 1 + confirm.seeds)
        return [(replace(config, seed=seed), "confirm") for seed in seeds for config in best]


def _spared(space: SearchSpace, cells: Sequence[Cell], history: History) -> list[Cell]:
    """The cells, those pruned that are spared to a point because seeds before them have judged it."""
    gone: dict[str, str] = {}
    results: dict[str, dict[int, float]] = defaultdict(dict)
    confirming = [cell for cell in cells if cell.phase == "confirm"]
    for seed, group in groupby(confirming, key=lambda cell: cell.config.seed):
        found = worse_than_best(space, {point: values for point, values in results.items() if point not in gone})
        gone |= {point: why for point, why in found.items() if point != "baseline"}
        alive = [cell for cell in group if cell.point not in gone]
        if any(cell.state in ("missing", "running") for cell in alive):
            break
        for cell in alive:
            if cell.state == "complete":
                results[cell.point][seed] = history[cell.config.key][-1].value or 0.0
    return [
        replace(cell, state="pruned", result=TrialResult("pruned", reason=gone[cell.point]))
        if cell.phase == "confirm" and cell.point in gone and cell.state == "missing"
        else cell
        for cell in cells
    ]


def _failed(trial: FrozenTrial) -> bool:
    return "result" in trial.user_attrs and _result(trial).state == "failed"


def _result(trial: FrozenTrial) -> TrialResult:
    """What came out of a trial, without its curve."""
    return TrialResult(**trial.user_attrs["result"])
