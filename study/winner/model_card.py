"""Exports the best model as a folder to share: its file, its settings, its data's fingerprint, and a model card."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from study.errors import StudyError
from study.files import write_whole
from study.ledger import holdout
from study.ledger.ledger import Ledger
from study.space import task_call
from study.space.printable import printable_cell
from study.space.task_loading import split_reference, task_of
from study.space.trial import Metrics
from study.task import describe, describe_count
from study.training.fresh_opening import FILE
from study.training.model_file import NEEDS, WEIGHTS_FILE
from study.training.new_model import steps
from study.training.worker_functions import SAVE
from study.winner.choice import Winner
from study.winner.weights import Print, run_on_model

_LOADING = f"""```python
import keras

model = keras.models.load_model("{FILE}")
answers = model.predict(inputs)
```"""
_REBUILDING = f"""```python
import json
from pathlib import Path

import numpy as np
{{imported}}

settings = json.loads(Path("settings.json").read_text(encoding="utf-8"))
model = {{built}}
model(inputs[:1])  # Makes the weights of layers that have none yet.
model.set_weights(list(np.load("{WEIGHTS_FILE}").values()))
answers = model.predict(inputs)
```"""


def export(ledger: Ledger, winner: Winner, out: Path, *, say: Print) -> list[Path]:
    """Write the whole folder or nothing. Returns its files.

    Raises StudyError if the folder is not empty, or if it cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StudyError(f"{out}: exists already; give a folder that is new or empty")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as name:
            draft = Path(name) / out.name
            draft.mkdir()
            _write(ledger, winner, draft, say)
            draft.rename(out)
    except OSError as error:
        raise StudyError(f"{error.filename or out}: cannot be written: {error.strerror or error}") from None
    return sorted(out.iterdir())


def _write(ledger: Ledger, winner: Winner, folder: Path, say: Print) -> None:
    with tempfile.TemporaryDirectory() as name:
        run_on_model(ledger, winner.cell, SAVE, folder=Path(name), say=say)
        for file in (FILE, WEIGHTS_FILE, NEEDS):
            if (Path(name) / file).is_file():
                shutil.move(Path(name) / file, folder)
    needs = folder / NEEDS
    loading = _loading(winner, needs.read_text(encoding="utf-8").strip() if needs.is_file() else "")
    needs.unlink(missing_ok=True)
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
        "steps": steps(config, _counts(winner).get("pool", 0)),
        "fidelity": vars(config.fidelity),
        "vary": list(config.vary),
        "environment": dict(result.environment) if result else {},
    }


def _counts(winner: Winner) -> Mapping[str, int]:
    """Returns how many examples each split of the winner's data has."""
    result = winner.cell.result
    counts: Mapping[str, int] = result.data.get("counts", {}) if result else {}
    return counts


def _loading(winner: Winner, needs: str) -> str:
    """Returns how the model is loaded, and what that takes. `needs` says why its file needs the task's code."""
    if not needs:
        return f"{_LOADING}\n\nIt needs Keras 3 and no code of the study."
    module, name = split_reference(winner.cell.config.reference)
    imported = Path(module).stem if module.endswith(".py") else module
    if name is None:
        imports, built = f"from {imported} import build", _built(winner)
    else:
        imports = f"from {imported} import {name}{'' if name == 'task' else ' as task'}"
        built = 'task.build(settings["settings"], steps=settings["steps"])'
    return (
        f"Keras alone cannot load this model: {needs}. It takes the task's code, `{Path(module).name}`, which is not "
        f"in this folder:\n\n{_REBUILDING.format(imported=imports, built=built)}"
    )


def _built(winner: Winner) -> str:
    """Returns the call of a function `build` with the winner's settings."""
    names = task_call.names(task_of(winner.cell.config), "build")
    handed = {"steps": 'settings["steps"]', "epochs": 'settings["fidelity"]["epochs"]', "train": "examples"}
    arguments = [f"{name}={handed.get(name, _setting(name))}" for name in names]
    return f"build({', '.join(arguments)})"


def _setting(name: str) -> str:
    return f'settings["settings"]["{name}"]'


def model_card(ledger: Ledger, winner: Winner, *, loading: str = "") -> str:
    """Return the card in Markdown: how the model was trained, its scores, its limits, and how to load it."""
    space, config, result = ledger.space, winner.cell.config, winner.cell.result
    opened, fidelity = holdout.read_openings(ledger.folder), config.fidelity.counted(_counts(winner))
    train = describe_count(fidelity.train_examples)
    validation = "all" if fidelity.validation_examples is None else f"the {fidelity.validation_examples:,}"
    seeds = ", ".join(f"{value:.4f} (seed {seed})" for seed, value in sorted(winner.values.items()))
    own = [opening for opening in opened if opening.key == config.key]
    parts = [
        f"# {space.name}: {winner.cell.point}",
        f"{space.description or 'The best point of a study.'} This is the model of the best of {winner.points} points, "
        f"trained on seed {config.seed}, the median one; {result.parameters if result else 0:,} parameters.",
        "## How it was trained",
        f"Task `{config.task}` (version {config.task_version}), {fidelity.epochs} epochs on {train} examples. "
        "Every setting is in `settings.json`, the data's fingerprint in `data.json`. The study varied these settings:",
        _table({factor.name: describe(config.levels()[factor.name]) for factor in space.factors}),
        "## Scores",
        f"The study's objective: {space.objective.direction} {space.objective.metric}. The point reached "
        f"{winner.mean:.4f} on average: {seeds}. The model of seed {config.seed} after its last epoch:",
        scores(ledger.curve(config.key)[-1], own[-1].scores if own else {}),
        holdout.openings_in_words(opened)[0].upper() + holdout.openings_in_words(opened)[1:] + ".",
        "## Limits",
        f"The point was chosen on {validation} validation examples, so its scores there are somewhat too good. The "
        "model was trained on the task's own kind of data only, so its answers to anything else mean nothing. Another "
        "seed gives other numbers. They differ as much as those above.",
        "## Loading it",
        loading or _loading(winner, ""),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _table(rows: Mapping[str, str]) -> str:
    return "\n".join([_row(["setting", "level"]), "|---|---|", *map(_row, rows.items())])


def scores(metrics: Metrics, test: Metrics) -> str:
    """Return a model's metrics by split, as a table in Markdown."""
    names = [name for name in metrics if not name.startswith("val_")]
    rows = [[name, *(_number(of, key) for of, key in ((metrics, name), (metrics, f"val_{name}"), (test, name)))]
            for name in names]  # fmt: skip
    return "\n".join(["| metric | training | validation | test |", "|---|--:|--:|--:|", *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(printable_cell, cells))} |"


def _number(of: Metrics, name: str) -> str:
    return f"{of[name]:.4f}" if name in of else ""
