"""Runs one cell again, and compares every number with the recorded one."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from rich.console import Console

from study.engines.cell_folder import AGAIN, WEIGHTS
from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.errors import StoppedError
from study.ledger.cell import Cell, Trial
from study.ledger.ledger import Ledger
from study.running.progress import Progress
from study.space.task_code import code_of
from study.space.trial import Metrics, TrialResult, differing_metrics
from study.training.environment import environment_changes, worker_environment


@dataclass(frozen=True)
class Replay:
    """A second run of a cell, compared with the first."""

    epochs: int
    numbers: int
    """How many numbers were compared."""
    differences: tuple[tuple[int, str, float | None, float | None], ...]
    """Epoch, metric, the recorded value, and the new value; None if there is no value.

    The metrics of kept weights that are not those of the last epoch have the number of the epoch after it.
    """
    changes: tuple[str, ...]
    """A line for each difference of the environment, the data or the task's code."""
    result: TrialResult


@dataclass(frozen=True)
class Attended:
    """Where the progress of a second run is shown, and when it must stop; by default nowhere, and never."""

    console: Console = field(default_factory=lambda: Console(quiet=True))
    stopping: Callable[[], bool] = lambda: False


def replay(
    ledger: Ledger, cell: Cell, *, function: str, weights: Path | None = None, attended: Attended | None = None
) -> Replay:
    """Run a cell from its beginning in a folder of its own. Nothing is recorded.

    If `weights` is given, the model's weights are copied to this file, and a run that was stopped before goes on from
    its last epoch. Raises StoppedError if it is stopped.
    """
    before = ledger.curve(cell.config.key)
    with _folder(weights) as folder:
        result = alone(ledger, cell, function, folder=folder, epochs=len(before), attended=attended)
        if weights and (folder / WEIGHTS).is_file():
            shutil.copy(folder / WEIGHTS, weights)
    kept = cell.result.final if cell.result else {}
    # The kept weights come last, if they are not those of the last epoch.
    rows, again = (
        [*curve, *([final] if final else [])] for curve, final in ((before, kept), (result.curve, result.final))
    )
    numbers = sum(map(len, rows))
    return Replay(len(before), numbers, tuple(_differences(rows, again)), tuple(_changes(ledger, cell, result)), result)


@contextmanager
def _folder(weights: Path | None) -> Iterator[Path]:
    """Yields a folder that is removed at the end. If the run is stopped, the one beside its weights stays."""
    if weights is None:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name)
        return
    folder = weights.parent / AGAIN
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder)


def alone(
    ledger: Ledger,
    cell: Cell,
    function: str,
    *,
    folder: Path,
    epochs: int | None = None,
    attended: Attended | None = None,
) -> TrialResult:
    """Run a trial function on a cell, in a worker with the study's threads.

    If `epochs` is given, the trial ends after so many. Raises StoppedError if it is stopped before.
    """
    attended = attended or Attended()
    engine = LocalEngine(function, environment=worker_environment(ledger.threads))
    try:
        with Progress(attended.console, ledger.space.objective, total=1, done=0, workers=1) as progress:
            return _run(engine, cell, folder, epochs=epochs, progress=progress, stopping=attended.stopping)
    finally:
        engine.close()


def _run(
    engine: LocalEngine,
    cell: Cell,
    folder: Path,
    *,
    epochs: int | None,
    progress: Progress,
    stopping: Callable[[], bool],
) -> TrialResult:
    trial = Trial(0, cell.config, cell.point)
    engine.submit(trial.number, cell.config, folder)
    progress.started(trial)
    while True:
        for message in engine.messages():
            progress.received(trial, message)
            if isinstance(message, Finished):
                return message.result
            reached = message.epoch if isinstance(message, Epoch) else 0
            if isinstance(message, Built | Epoch):
                if stopping() and reached != epochs:
                    raise StoppedError(f"stopped: {cell.point}, seed {cell.config.seed} was being run again")
                # A trial that was pruned ends at the same epoch again.
                engine.answer(trial.number, go_on=reached != epochs)


def _differences(
    before: Sequence[Metrics], now: Sequence[Metrics]
) -> list[tuple[int, str, float | None, float | None]]:
    differences: list[tuple[int, str, float | None, float | None]] = []
    nothing: Metrics = {}
    for epoch, (old, new) in enumerate(zip_longest(before, now, fillvalue=nothing), start=1):
        differences += [(epoch, name, old.get(name), new.get(name)) for name in differing_metrics(old, new)]
    return differences


def _changes(ledger: Ledger, cell: Cell, result: TrialResult) -> list[str]:
    if cell.result is None:
        return []
    before = {**cell.result.environment, "data": cell.result.data.get("fingerprint")}
    now = {**result.environment, "data": result.data.get("fingerprint")}
    lines = environment_changes(before, now)
    made, again = cell.result.code, result.code
    if made and again and made != again:
        lines.append(f"code: {ledger.codes.with_code(code_of(cell.config)).changes(made, again)}")
    return lines
