"""Exports the best model as a folder to share: its files, its settings, its data's fingerprint, and a model card."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from study.engines.cell_folder import EXPORTED, LOADING
from study.errors import StudyError
from study.files import write_whole
from study.ledger.ledger import Ledger
from study.running.replay import Attended
from study.training.new_model import steps
from study.training.worker_functions import SAVE
from study.winner.choice import Winner
from study.winner.model_card import model_card
from study.winner.weights import Print, run_on_model


def export(ledger: Ledger, winner: Winner, out: Path, *, say: Print, attended: Attended | None = None) -> list[Path]:
    """Write the whole folder or nothing. Returns its files.

    Raises StudyError if the folder is not empty, or if it cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StudyError(f"{out}: exists already; give a folder that is new or empty")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
            draft = Path(name) / out.name
            _write(ledger, winner, draft, say=say, attended=attended)
            draft.rename(out)
    except OSError as error:
        raise StudyError(f"{error.filename or out}: cannot be written: {error.strerror or error}") from None
    return sorted(out.iterdir())


def _write(ledger: Ledger, winner: Winner, folder: Path, *, say: Print, attended: Attended | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        run_on_model(ledger, winner.cell, SAVE, folder=Path(name), say=say, attended=attended)
        shutil.copytree(Path(name) / EXPORTED, folder)
        loading = (Path(name) / LOADING).read_text(encoding="utf-8")
    result = winner.cell.result
    texts = {
        "settings.json": json.dumps(_settings(ledger, winner), indent=2),
        "data.json": json.dumps(dict(result.data) if result else {}, indent=2),
        "README.md": model_card(ledger, winner, loading=loading),
    }
    for file, text in texts.items():
        write_whole(folder / file, f"{text}\n")


def _settings(ledger: Ledger, winner: Winner) -> dict[str, Any]:
    """Returns everything that the model depends on."""
    config, result = winner.cell.config, winner.cell.result
    return {
        "study": ledger.space.name,
        "task": config.task,
        "task_version": config.task_version,
        "point": winner.cell.point,
        "seed": config.seed,
        "key": config.key,
        "settings": dict(config.settings),
        "steps": steps(config, winner.counts.get("pool", 0)),
        "fidelity": vars(config.fidelity),
        "vary": list(config.vary),
        "environment": dict(result.environment) if result else {},
    }
