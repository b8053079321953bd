"""Which cells are done, running, lost; the only owner of Optuna's storage.

The storage is a Journal file: with one writer it costs a tenth of SQLite's time a trial and cannot be contended.
"""

import json
import os
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import filelock
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from study import design, search, store, task
from study.errors import StoreError
from study.space import SearchSpace
from study.trial import Metrics, TrialConfig, TrialResult

optuna.logging.set_verbosity(optuna.logging.WARNING)

CellState = Literal["complete", "running", "pruned", "diverged", "failed", "missing"]
Phase = Literal["", "search", "confirm"]

_REDRAWS = 8
_SEARCH_SEED = 0
_OPTUNA_STATE = {
    "complete": TrialState.COMPLETE,
    # A diverged trial is a result: told as pruned it counts against its point, as failed a sampler would ignore it.
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


@dataclass(frozen=True)
class Cell:
    """One cell and where it stands; `trial` is the number of its last Optuna trial."""

    config: TrialConfig
    point: str
    phase: Phase
    state: CellState
    trial: int | None = None
    attempts: int = 0
    result: TrialResult | None = None


@dataclass(frozen=True)
class Claim:
    """A cell that is to be run now, as the Optuna trial of this number."""

    trial: int
    config: TrialConfig
    point: str
    phase: Phase = ""


class Ledger:
    """The trials of one study, read from its folder; `own` gives one that may also write."""

    def __init__(self, space: SearchSpace, study: optuna.Study, folder: Path) -> None:
        self.space = space
        self.folder = folder
        self._study = study
        self._baseline = space.config({}, seed=0)
        self._running: dict[int, tuple[optuna.Trial, Claim]] = {}
        self._queue: deque[tuple[TrialConfig, Phase]] = deque()

    @classmethod
    def read(cls, root: Path, name: str) -> "Ledger":
        """The ledger of a study in the store, not to be written. Raises StoreError where there is none."""
        folder = store.study_folder(root, name)
        if not (folder / "trials.journal").is_file():
            there = store.names(root)
            known = f"there are {', '.join(there)}" if there else "it holds no study yet"
            raise StoreError(f"{root}: no study {name!r}; {known}")
        study = _open(folder, name)
        if "space" not in study.user_attrs:
            raise StoreError(f"{folder}: was cut off while it was made; `study run` with its file makes it again")
        return cls(SearchSpace.from_json(study.user_attrs["space"]), study, folder)

    @classmethod
    @contextmanager
    def own(cls, root: Path, space: SearchSpace, *, threads: int | None = None) -> Iterator["Ledger"]:
        """The ledger of a study, made where it is missing, owned by this process alone and reconciled.

        `threads` is fixed when the study is made. Raises StoreError where another process owns it, where it cannot be
        written, or where the file asks for something else than the study did when it was made.
        """
        folder = store.study_folder(root, space.name)
        store.make(folder)
        with _lock(folder):
            _mend(folder / "trials.journal")
            study = _open(folder, space.name, space)
            ledger = cls(space, study, folder)
            ledger._agree(threads)
            ledger._reconcile()
            ledger._queue.extend(ledger._missing())
            try:
                yield ledger
            finally:
                ledger.abandon("the launcher stopped")

    @property
    def threads(self) -> int:
        """Threads of each worker: fixed for the study, for they change the last bits of every number."""
        return int(self._study.user_attrs["threads"])

    # What there is

    def cells(self) -> list[Cell]:
        """Every cell that is known: of a design that enumerates all of them, of a sweep those suggested so far."""
        history = self._history()
        alive = self._running or _owned(self.folder)
        return [
            self._cell(*planned, history.get(planned[0].key, []), bool(alive)) for planned in self._planned(history)
        ]

    def unsuggested(self) -> int:
        """How many cells of a sweep nobody knows yet."""
        cells = self.cells()
        if self.space.design.kind != "sweep" or any(cell.phase == "confirm" for cell in cells):
            return 0
        return max(0, design.count(self.space) - len(cells))

    def finished(self) -> Iterator[tuple[Claim, TrialResult]]:
        """Every trial that has a result, retries included, with its curve where it was its cell's last."""
        for trial in self._study.get_trials(deepcopy=False):
            if "result" in trial.user_attrs and trial.state.is_finished():
                cell = trial.user_attrs["cell"]
                config = self.space.config(cell["point"], seed=cell["seed"])
                result = TrialResult(**trial.user_attrs["result"], curve=tuple(self.curve(config.key)))
                yield Claim(trial.number, config, config.delta(self._baseline), cell["phase"]), result

    def cell_folder(self, config: TrialConfig) -> Path:
        """Where a cell keeps its curve, its log and, while it runs, its checkpoint."""
        return self.folder / "cells" / config.key[:16]

    def curve(self, key: str) -> list[Metrics]:
        """The metrics of each epoch of a cell's last trial, the first epoch first."""
        path = self.folder / "cells" / key[:16] / "curve.jsonl"
        if not path.is_file():
            return []
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    # What is next

    def next(self) -> Claim | None:
        """Claim the next cell that must be run, or None where there is none (at the moment, in a sweep)."""
        if not self._queue and self.space.design.kind == "sweep":
            history = self._history()
            if len(list(self._searched(history))) < self.space.design.trials and not self._exhausted():
                return self._suggest(history)
            self._queue.extend(self._missing())
        return self._claim(*self._queue.popleft()) if self._queue else None

    def epoch(self, trial: int, epoch: int, metrics: Metrics) -> bool:
        """Record an epoch (the first is 1) of a running trial; False where the pruner would end the trial."""
        running, claim = self._running[trial]
        value = metrics.get(self.space.objective.metric)
        if value is not None:
            running.report(value, step=epoch)
        return claim.phase != "search" or not running.should_prune()

    def record(self, trial: int, result: TrialResult) -> None:
        """Record what came out of a running trial: the curve first, so that a finished trial has one."""
        running, claim = self._running.pop(trial)
        folder = self.cell_folder(claim.config)
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "curve.jsonl", "".join(json.dumps(dict(metrics)) + "\n" for metrics in result.curve))
        running.set_user_attr("result", result.to_json())
        value = result.metrics.get(self.space.objective.metric) if result.state == "complete" else None
        self._study.tell(trial, value, state=_OPTUNA_STATE[result.state])
        if result.state == "failed":
            again = self._cell(claim.config, claim.phase, self._history()[claim.config.key], True)
            self._queue.extend([(claim.config, claim.phase)] if again.state == "missing" else [])

    def abandon(self, reason: str) -> None:
        """Give back every running trial: its cell is run again, and the trial is kept as failed with this reason."""
        for number, (running, _) in list(self._running.items()):
            running.set_user_attr("lost", reason)
            self._study.tell(number, state=TrialState.FAIL)
            del self._running[number]

    def _history(self) -> dict[str, list[FrozenTrial]]:
        """The trials of each cell by its key, the last one last; duplicates of a sampler and lost ones left out."""
        history: dict[str, list[FrozenTrial]] = defaultdict(list)
        for trial in self._study.get_trials(deepcopy=False):
            cell = trial.user_attrs.get("cell")
            if cell and "duplicate" not in trial.user_attrs:
                history[cell["key"]].append(trial)
        return history

    def _planned(self, history: Mapping[str, Sequence[FrozenTrial]]) -> Iterator[tuple[TrialConfig, Phase]]:
        if self.space.design.kind != "sweep":
            yield from ((config, "") for config in design.cells(self.space))
            return
        yield from self._searched(history)
        found = self._search_cells(history)
        open_cells = [cell for cell in found if cell.state in ("missing", "running")]
        if not open_cells and (len(found) >= self.space.design.trials or self._exhausted()):
            yield from self._confirmation(found)

    def _searched(self, history: Mapping[str, Sequence[FrozenTrial]]) -> Iterator[tuple[TrialConfig, Phase]]:
        yield self.space.config({}, seed=_SEARCH_SEED), "search"
        for trials in history.values():
            cell = trials[0].user_attrs["cell"]
            if cell["phase"] == "search" and cell["point"]:
                yield self.space.config(cell["point"], seed=_SEARCH_SEED), "search"

    def _search_cells(self, history: Mapping[str, Sequence[FrozenTrial]]) -> list[Cell]:
        return [self._cell(c, phase, history.get(c.key, []), True) for c, phase in self._searched(history)]

    def _confirmation(self, found: Sequence[Cell]) -> Iterator[tuple[TrialConfig, Phase]]:
        """The best points of the search and the baseline, each on fresh seeds."""
        metric, sign = self.space.objective.metric, self.space.objective.sign
        ranked = sorted(
            (cell for cell in found if cell.state == "complete" and cell.result and cell.point != "baseline"),
            key=lambda cell: sign * self._value(cell, metric),
            reverse=True,
        )
        top = [cell.config for cell in ranked[: self.space.design.confirm.top]]
        for seed in range(1, self.space.design.confirm.seeds + 1):
            for config in (self._baseline, *top):
                yield self.space.config(self._changes(config), seed=_SEARCH_SEED + seed), "confirm"

    def _value(self, cell: Cell, metric: str) -> float:
        assert cell.trial is not None
        value = self._study.get_trials(deepcopy=False)[cell.trial].value
        return float("nan") if value is None else value

    def _changes(self, config: TrialConfig) -> dict[str, Any]:
        base = self._baseline.levels()
        return {name: level for name, level in config.levels().items() if not task.same(level, base[name])}

    def _cell(self, config: TrialConfig, phase: Phase, trials: Sequence[FrozenTrial], alive: bool) -> Cell:
        point = config.delta(self._baseline)
        if not trials:
            return Cell(config, point, phase, "missing")
        last = trials[-1]
        results = [TrialResult(**trial.user_attrs["result"]) for trial in trials if "result" in trial.user_attrs]
        failed = sum(result.state == "failed" for result in results)
        result = results[-1] if results and "result" in last.user_attrs else None
        state: CellState
        if not last.state.is_finished():
            state = "running" if alive else "missing"
        elif result is None or (result.state == "failed" and failed <= self.space.max_retries):
            state = "missing"
        else:
            state = result.state
        return Cell(config, point, phase, state, last.number, failed, result)

    def _missing(self) -> list[tuple[TrialConfig, Phase]]:
        return [(cell.config, cell.phase) for cell in self.cells() if cell.state == "missing"]

    def _claim(self, config: TrialConfig, phase: Phase) -> Claim:
        levels = config.levels()
        params = {factor.name: levels[factor.name] for factor in self.space.factors}
        point = self._changes(config)
        cell = {"key": config.key, "point": point, "seed": config.seed, "phase": phase}
        self._study.enqueue_trial(params, user_attrs={"cell": cell})
        running = self._study.ask(search.distributions(self.space))
        return self._run(running, config, phase)

    def _run(self, running: optuna.Trial, config: TrialConfig, phase: Phase) -> Claim:
        claim = Claim(running.number, config, config.delta(self._baseline), phase)
        self._running[running.number] = running, claim
        return claim

    def _suggest(self, history: Mapping[str, Sequence[FrozenTrial]]) -> Claim | None:
        """Ask the sampler; a point that was there already is drawn again a few times, then a random new one taken."""
        problems = task.load(self.space.reference, folder=self.folder).problems
        for _ in range(_REDRAWS):
            number = len(self._study.get_trials(deepcopy=False))
            self._study.sampler = search.sampler(self.space, history=number)
            running = self._study.ask(search.distributions(self.space))
            config = self.space.config(running.params, seed=_SEARCH_SEED)
            cell = {"key": config.key, "point": self._changes(config), "seed": config.seed, "phase": "search"}
            refusal = "was tried already" if config.key in history else " ".join(problems(config.settings))
            if not refusal:
                running.set_user_attr("cell", cell)
                return self._run(running, config, "search")
            running.set_user_attr("duplicate", refusal)
            self._study.tell(running, state=TrialState.FAIL)
        number = len(self._study.get_trials(deepcopy=False))
        new = search.unseen(self.space, seen=history, history=number)
        if new is None:
            self._study.set_user_attr("exhausted", True)
            return None
        return self._claim(new, "search")

    def _exhausted(self) -> bool:
        return bool(self._study.user_attrs.get("exhausted"))

    # How it begins

    def _agree(self, threads: int | None) -> None:
        """Compare the file with what the study was made with; what cannot change without spoiling results must not."""
        known = self._study.user_attrs.get("threads")
        if known is None:
            self._study.set_user_attr("threads", threads or 1)
        elif threads is not None and threads != known:
            raise StoreError(
                f"study {self.space.name!r} runs with --threads {known}, fixed when it was made, for threads change "
                f"the last bits; not {threads}. Leave --threads out, or give the file another name"
            )
        before = self._study.user_attrs.get("space")
        if before is not None and (changes := _changes_that_spoil(SearchSpace.from_json(before), self.space)):
            raise StoreError(
                "\n".join(
                    [
                        f"study {self.space.name!r} has results of another definition; its file now differs in",
                        *(f"  {change}" for change in changes),
                        "undo the change, or give the file another `name`",
                    ]
                )
            )
        now = self.space.to_json()
        if now != before:
            self._study.set_user_attr("space", now)

    def _reconcile(self) -> None:
        """Whoever was running when the last launcher ended is lost: told as failed, and run again."""
        while any(trial.state == TrialState.WAITING for trial in self._study.get_trials(deepcopy=False)):
            self._study.tell(self._study.ask(), state=TrialState.FAIL)
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)


def _open(folder: Path, name: str, space: SearchSpace | None = None) -> optuna.Study:
    """Load a study from its journal; with a space, make it where it is missing."""
    try:
        journal = JournalStorage(JournalFileBackend(str(folder / "trials.journal")))
        if space is None:
            return optuna.load_study(study_name=name, storage=journal, sampler=optuna.samplers.RandomSampler())
        return optuna.create_study(
            study_name=name,
            storage=journal,
            load_if_exists=True,
            direction=space.objective.direction,
            sampler=optuna.samplers.RandomSampler(),
            pruner=search.pruner(space),
        )
    except (OSError, ValueError, KeyError) as error:
        raise StoreError(f"{folder / 'trials.journal'}: cannot be read: {error}") from error


def _changes_that_spoil(before: SearchSpace, now: SearchSpace) -> list[str]:
    """What differs between two definitions of one study that may not, a line each."""

    def fixed(space: SearchSpace) -> dict[str, object]:
        sweep = space.design.kind == "sweep"
        plain: dict[str, object] = {"task": space.task, "task version": space.task_version}
        plain |= {f"baseline.{name}": value for name, value in space.baseline.items()}
        plain |= {f"fidelity.{name}": value for name, value in vars(space.fidelity).items()}
        plain |= {"objective.metric": space.objective.metric, "objective.direction": space.objective.direction}
        plain |= {"vary": ", ".join(space.vary), "design.kind": "sweep" if sweep else "enumerated"}
        if sweep:
            plain |= {f"design.{key}": getattr(space.design, key) for key in ("sampler", "pruner", "seed")}
        return plain

    old, new = fixed(before), fixed(now)
    # A setting that only one of them knows was added to the task, or removed: at its default it changes nothing.
    filled = {**{f"baseline.{k}": v for k, v in (*now.defaults.items(), *before.defaults.items())}, **old}
    keys = [key for key in new if filled.get(key) != new[key]]
    return [f"{key}: {filled.get(key)} -> {new[key]}" for key in keys]


def _write(path: Path, text: str) -> None:
    """Write a whole file or nothing of it."""
    draft = path.with_suffix(".tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _mend(journal: Path) -> None:
    """Cut off a last line that a dying launcher wrote in part: it would make every later load fail.

    The journal's own lock is removed too, for whoever holds the study's lock is the only writer there can be.
    """
    journal.with_name(journal.name + ".lock").unlink(missing_ok=True)
    if not journal.exists():
        return
    with journal.open("r+b") as file:
        content = file.read()
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0.5)  # `study status` holds it for a moment.
    except filelock.Timeout:
        owner = folder / "owner"
        who = owner.read_text(encoding="utf-8") if owner.exists() else "another process"
        raise StoreError(f"study {folder.name!r} is being run by {who}; wait for it or stop it") from None
    try:
        _write(folder / "owner", f"process {os.getpid()} on {os.uname().nodename}")
        yield
    finally:
        lock.release()


def _owned(folder: Path) -> bool:
    """Whether a launcher has this study in hand."""
    lock = filelock.FileLock(folder / "lock")
    try:
        with lock.acquire(timeout=0):
            return False
    except filelock.Timeout:
        return True
    except OSError:  # A store that cannot be written has no launcher.
        return False
