"""Runs one cell again, and compares every number with the recorded one."""

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from study.engines.cell_folder import WEIGHTS
from study.engines.engine import Built, Epoch, Finished
from study.engines.local import LocalEngine
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
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


def replay(ledger: Ledger, cell: Cell, *, function: str, weights: Path | None = None) -> Replay:
    """Run a cell from its beginning in a folder of its own. Nothing is recorded.

    If `weights` is given, the model's weights are copied to this file.
    """
    before = ledger.curve(cell.config.key)
    with tempfile.TemporaryDirectory() as name:
        result = alone(ledger, cell, function, folder=Path(name), epochs=len(before))
        if weights and (Path(name) / WEIGHTS).is_file():
            weights.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(name) / WEIGHTS, weights)
    kept = cell.result.final if cell.result else {}
    # The kept weights come last, if they are not those of the last epoch.
    rows, again = (
        [*curve, *([final] if final else [])] for curve, final in ((before, kept), (result.curve, result.final))
    )
    numbers = sum(map(len, rows))
    return Replay(len(before), numbers, tuple(_differences(rows, again)), tuple(_changes(ledger, cell, result)), result)


def alone(ledger: Ledger, cell: Cell, function: str, *, folder: Path, epochs: int | None = None) -> TrialResult:
    """Run a trial function on a cell, in a worker with the study's threads.

    If `epochs` is given, the trial ends after so many.
    """
    engine = LocalEngine(function, environment=worker_environment(ledger.threads))
    try:
        return _run(engine, cell, folder, epochs=epochs)
    finally:
        engine.close()


def _run(engine: LocalEngine, cell: Cell, folder: Path, *, epochs: int | None) -> TrialResult:
    engine.submit(0, cell.config, folder)
    while True:
        for message in engine.messages():
            if isinstance(message, Built):
                engine.answer(0, go_on=epochs != 0)
            elif isinstance(message, Epoch):
                # A trial that was pruned ends at the same epoch again.
                engine.answer(0, go_on=message.epoch != epochs)
            elif isinstance(message, Finished):
                return message.result


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
