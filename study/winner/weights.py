"""Keeps the weights of a cell's model, makes lost weights again, and gives them to a worker."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from study.engines.cell_folder import UNLIKE, WEIGHTS
from study.errors import StudyError
from study.files import write_whole
from study.ledger.cell import Cell
from study.ledger.codes import check_model
from study.ledger.ledger import Ledger
from study.running.replay import Attended, alone, replay
from study.space.task_code import code_of
from study.space.trial import TrialResult
from study.training import checkpoint
from study.training.saved_model import RECORDED
from study.training.worker_functions import TRAIN
from study.winner.choice import Winner

Print = Callable[[str], None]
"""Shows a line to the user."""


def keep_weights(ledger: Ledger, winner: Winner, *, say: Print, attended: Attended | None = None) -> None:
    """Make sure that the winner's weights are kept. Deletes all other weights unless the study keeps all."""
    kept = weights_file(ledger, winner.cell, say=say, attended=attended)
    if ledger.space.keep == "best":
        for path in (ledger.folder / "cells").glob(f"*/{WEIGHTS}"):
            if path != kept:
                path.unlink()


def weights_file(ledger: Ledger, cell: Cell, *, say: Print, attended: Attended | None = None) -> Path:
    """Return the file of a complete cell's weights. If it is lost or damaged, the cell runs again to make it.

    Raises StoreError if the task's code is no longer that of the cell, because it may build another model. Raises
    StoppedError if the run is stopped; the next one goes on from its last epoch.
    """
    made, name = cell.result.code if cell.result else "", f"{cell.point}, seed {cell.config.seed}"
    check_model(ledger.codes, code_of(cell.config), made, model=name)
    path = ledger.cell_folder(cell.config) / WEIGHTS
    if not has_weights(ledger, cell):
        say(f"running {name} again, because its weights are not in this store")
        path.with_name(UNLIKE).unlink(missing_ok=True)
        _make_again(ledger, cell, path, say=say, attended=attended)
    return path


def has_weights(ledger: Ledger, cell: Cell) -> bool:
    """Whether the store has the weights of a cell's model, undamaged."""
    return checkpoint.is_whole(ledger.cell_folder(cell.config) / WEIGHTS)


def _make_again(ledger: Ledger, cell: Cell, path: Path, *, say: Print, attended: Attended | None) -> None:
    again = replay(ledger, cell, function=TRAIN, weights=path, attended=attended)
    if not checkpoint.is_whole(path):
        reason = again.result.reason or "it kept no weights"
        raise StudyError(f"{cell.point}, seed {cell.config.seed} was run again, and {again.result.state}: {reason}")
    if again.differences:
        changes = "; ".join(again.changes) or "no change is known that explains it"
        line = f"{len(again.differences)} of its {again.numbers} numbers differ from the first run ({changes})"
        say(line)
        write_whole(path.with_name(UNLIKE), f"{line}\n")


def check_measured(ledger: Ledger, cell: Cell) -> None:
    """Raise StudyError if the weights of a cell's model come from a second run that gave other numbers."""
    if (note := ledger.cell_folder(cell.config) / UNLIKE).is_file():
        raise StudyError(
            f"{cell.point}, seed {cell.config.seed} was run again, because its weights were not in this store, and "
            f"{note.read_text(encoding='utf-8').strip()}, so this is not the model that was measured; log it where the "
            "first run was, or copy the weights from there"
        )


def run_on_model(
    ledger: Ledger, cell: Cell, function: str, *, folder: Path, say: Print, attended: Attended | None = None
) -> TrialResult:
    """Run a worker function on a cell's model, in a folder to which its weights are copied.

    Raises StudyError if the function fails.
    """
    shutil.copy(weights_file(ledger, cell, say=say, attended=attended), folder)
    (folder / RECORDED).write_text(json.dumps(_recorded(ledger, cell)), encoding="utf-8")
    result = alone(ledger, cell, function, folder=folder)
    if result.state == "failed":
        raise StudyError(f"{cell.point}, seed {cell.config.seed}: {result.reason}")
    return result


def _recorded(ledger: Ledger, cell: Cell) -> dict[str, Any]:
    """Returns what a worker compares a cell's model with before it uses the model."""
    result = cell.result or TrialResult("complete")
    return {
        "metrics": dict(ledger.metrics(cell)),
        "environment": dict(result.environment),
        "data": result.data.get("fingerprint"),
    }
