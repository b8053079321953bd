"""Tries every function of a task in a worker: what would fail or differ in a study is said before there is one."""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from study.engines.cell_folder import NEEDS, STEP
from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.space.hints import did_you_mean
from study.space.trial import Metrics, TrialConfig, TrialResult, differing_metrics, label
from study.space.tried_levels import TriedLevels, tried_levels
from study.task import Fidelity
from study.training.environment import worker_environment
from study.training.saved_model import RECORDED
from study.training.worker_functions import CHECK

_EPOCHS, _BATCHES = 2, 2
"""The budget of the trials that a check trains. A stream is used whole."""
_BUDGETED = ("pool", "validation")
_SECONDS = 600.0


@dataclass(frozen=True)
class Step:
    """One thing that was tried."""

    name: str
    note: str = ""
    """What was found."""
    problem: str = ""
    """Which function failed, and why; empty if none did."""
    traceback: str = ""


def check_steps(name: str) -> Iterator[Step]:
    """Try a task by its name, or the task of a study's file. Yields each step when it is done.

    The last step is the first one without which the others make no sense. Raises StudyError if there is no such task.
    """
    tried = tried_levels(name)
    engine = LocalEngine(CHECK, environment=worker_environment(1), timeout=_SECONDS)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _Check(tried, engine, Path(folder)).steps()
    finally:
        engine.close()


@dataclass
class _Check:
    tried: TriedLevels
    engine: LocalEngine
    folder: Path
    number: int = 0

    def steps(self) -> Iterator[Step]:
        """Yields the steps. Ends after a failure of the baseline."""
        baseline = self.tried.baseline
        data = self._run("data", baseline)
        note = "; ".join(filter(None, [_counted(data.data.get("counts", {})), data.reason]))
        yield _step("data", data, note=note)
        if data.state != "complete":
            return
        little = self._little(baseline, data)
        folder = self._new_folder()
        first = self._run("train", little, folder=folder)
        yield _step("baseline", first, note=f"{first.parameters or 0:,} parameters, trained for {_EPOCHS} epochs")
        if first.state == "failed":
            return
        yield self._metrics(first)
        yield from self._levels()
        yield self._resumed(little, first)
        yield self._same_data(baseline, data)
        yield self._saved(little, first, folder)

    def _metrics(self, first: TrialResult) -> Step:
        missing = [metric for metric in self.tried.objectives if metric not in first.metrics]
        shown = [f"{name} (the objective)" if name in self.tried.objectives else name for name in first.metrics]
        if missing:
            problem = f"build() reports {', '.join(shown)}, but not the objective, {missing[0]}"
            return Step("metrics", problem=problem + did_you_mean(missing[0], first.metrics))
        return Step("metrics", ", ".join(shown))

    def _levels(self) -> Iterator[Step]:
        """Yields a step for each other level that fails, then one about all of them."""
        fine: list[str] = []
        refused = 0
        for config in self.tried.others:
            name = label(config.changes(self.tried.baseline))
            data = self._run("data", config)
            trained = self._run("train", self._little(config, data)) if data.state == "complete" else data
            if trained.state == "failed":
                yield _step(name, trained)
            elif trained.state == "refused":
                refused += 1
            else:
                fine.append(name)
        left = f"; {refused} left out, because problems() refuses them" if refused else ""
        yield Step("levels", f"{len(fine)} trained for {_EPOCHS} epochs: {', '.join(fine) or 'none'}{left}")

    def _resumed(self, config: TrialConfig, first: TrialResult) -> Step:
        """Kill a trial after its first epoch, let it go on, and compare it with one that nobody disturbed."""
        folder = self._new_folder()
        died = self._run("train and die", config, folder=folder)
        if died.failure != "worker":
            return _step("resume", died)
        resumed = self._run("train", config, folder=folder)
        if resumed.state == "failed":
            return _step("resume", resumed)
        different = _differences(first.curve, resumed.curve)
        words = "a trial that was killed after its first epoch has other numbers than one that was not: "
        note = "a trial that was killed after its first epoch has the numbers of one that was not"
        return Step("resume", problem=words + different if different else "", note=note)

    def _same_data(self, config: TrialConfig, first: TrialResult) -> Step:
        again = self._run("data again", config)
        if again.state == "failed":
            return _step("same data", again)
        same = not again.reason and again.data.get("fingerprint") == first.data.get("fingerprint")
        words = "data() made other data the second time; draw from a generator with a seed of its own"
        where = f": {again.reason}" if again.reason else ""
        return Step("same data", "made twice, in two processes", problem="" if same else words + where)

    def _saved(self, config: TrialConfig, first: TrialResult, folder: Path) -> Step:
        recorded = {
            "metrics": dict(first.metrics),
            "environment": dict(first.environment),
            "data": first.data.get("fingerprint"),
        }
        (folder / RECORDED).write_text(json.dumps(recorded), encoding="utf-8")
        saved = self._run("save", config, folder=folder)
        needs = folder / NEEDS
        note = f"opens only with the task's code: {needs.read_text().strip()}" if needs.is_file() else ""
        return _step("saved model", saved, note=note or "a fresh process opened it, and it gave the same answers")

    def _little(self, config: TrialConfig, data: TrialResult) -> TrialConfig:
        """Returns the trial with a budget of a few batches."""
        counts: Mapping[str, int | None] = data.data.get("counts", {})
        most = _BATCHES * int(config.settings.get("batch_size", 32))
        train, validation = (min(most, count) if (count := counts.get(split)) else None for split in _BUDGETED)
        return replace(config, fidelity=Fidelity(_EPOCHS, train, validation))

    def _new_folder(self) -> Path:
        self.number += 1
        folder = self.folder / str(self.number)
        folder.mkdir()
        return folder

    def _run(self, step: str, config: TrialConfig, *, folder: Path | None = None) -> TrialResult:
        """Run a step in the worker. If a step before it has ended that one, in a new one."""
        folder = folder or self._new_folder()
        (folder / STEP).write_text(step, encoding="utf-8")
        self.engine.submit(self.number, config, folder)
        while True:
            for message in self.engine.messages():
                if isinstance(message, Built | Epoch):
                    self.engine.answer(message.trial, go_on=True)
                elif isinstance(message, Finished):
                    return message.result


def _step(name: str, result: TrialResult, *, note: str = "") -> Step:
    if result.state == "refused":
        return Step(name, problem=f"problems() refuses these settings: {result.reason}")
    if result.state != "failed":
        return Step(name, note)
    function = re.search(r"^In the task:\n.*?, in (\w+)", result.traceback)
    problem = f"{function[1]}() failed: {result.reason}" if function else result.reason
    return Step(name, problem=problem, traceback=result.traceback)


def _counted(counts: Mapping[str, int | None]) -> str:
    return ", ".join(f"{split} {'a stream' if count is None else f'{count:,}'}" for split, count in counts.items())


def _differences(before: Sequence[Metrics], now: Sequence[Metrics]) -> str:
    """Returns the first number that differs, and where; empty if none does. Not-a-number is equal to itself."""
    if len(before) != len(now):
        return f"{len(now)} epochs, not {len(before)}"
    pairs = zip(before, now, strict=True)
    different = [
        f"{name} is {b.get(name)}, not {a.get(name)}, in epoch {epoch}"
        for epoch, (a, b) in enumerate(pairs, start=1)
        for name in differing_metrics(a, b)
    ]
    return different[0] if different else ""
