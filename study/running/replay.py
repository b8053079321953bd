"""Run one cell again and compare every number with what was recorded."""

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
from study.space.trial import Metrics, TrialResult
from study.training.environment import worker_environment


@dataclass(frozen=True)
class Replay:
    """What a second run of a cell gave beside the first."""

    epochs: int
    numbers: int
    """How many were compared."""
    differences: tuple[tuple[int, str, float | None, float | None], ...]
    """Epoch, metric, what was recorded, what came now; None where there was nothing."""
    changes: tuple[str, ...]
    """What of the environment or the data is not as it was, a line each."""
    result: TrialResult


def replay(ledger: Ledger, cell: Cell, *, function: str, weights: Path | None = None) -> Replay:
    """Run a cell from its beginning in a folder of its own, its weights kept where told to; nothing is recorded."""
    before = ledger.curve(cell.config.key)
    with tempfile.TemporaryDirectory() as name:
        result = alone(ledger, cell, function, folder=Path(name), epochs=len(before))
        if weights and (Path(name) / WEIGHTS).is_file():
            weights.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path(name) / WEIGHTS, weights)
    numbers = sum(map(len, before))
    return Replay(
        len(before), numbers, tuple(_differences(before, result.curve)), tuple(_changes(cell, result)), result
    )


def alone(ledger: Ledger, cell: Cell, function: str, *, folder: Path, epochs: int | None = None) -> TrialResult:
    """Run a trial function on a cell in a worker of its own, with its study's threads; it is ended after `epochs`."""
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
                # A pruned trial is ended where it was.
                engine.answer(0, go_on=message.epoch != epochs)
            elif isinstance(message, Finished):
                return message.result


def _differences(
    before: Sequence[Metrics], now: Sequence[Metrics]
) -> list[tuple[int, str, float | None, float | None]]:
    found = []
    nothing: Metrics = {}
    for epoch, (was, came) in enumerate(zip_longest(before, now, fillvalue=nothing), start=1):
        for name in {**was, **came}:
            # Compared as they are written down, where not-a-number equals itself.
            if repr(was.get(name)) != repr(came.get(name)):
                found.append((epoch, name, was.get(name), came.get(name)))
    return found


def _changes(cell: Cell, result: TrialResult) -> list[str]:
    if cell.result is None:
        return []
    before = {**cell.result.environment, "data": cell.result.data.get("fingerprint")}
    now = {**result.environment, "data": result.data.get("fingerprint")}
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    return [f"{name}: {before.get(name)} -> {now.get(name)}" for name in names]
