"""The winner as a model of MLflow: packed in a worker, logged and registered by the launcher, once."""

import json
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from study.data import cache
from study.engines.engine import Report
from study.files import write_whole
from study.ledger.ledger import Cell, Ledger
from study.space.trial import TrialConfig, TrialResult
from study.tracking import tracker as tracking
from study.training import saved_model as trained
from study.training.backends import backend as backends

_NOTE = "model.json"
"""In the study's folder: which cell's model is where in MLflow."""
_KEY, _STUDY = "study.key", "study.id"
_PACKED = "packed"


def package(config: TrialConfig, report: Report) -> TrialResult:
    """A trial function: the model with its signature and an example, as a folder that MLflow loads without our code."""
    task, model = trained.load(config, report.folder)
    tracking.keep_quiet()
    import mlflow.keras
    from mlflow.models import infer_signature

    data = cache.attach(task, config.settings, say=report.preparing)
    example = trained.as_input(model, data.splits["validation"][0][np.arange(1)])
    plain = trained.plain(model)
    (folder := report.folder / _PACKED).mkdir()
    mlflow.keras.save_model(
        plain,
        str(folder),
        signature=infer_signature(example, plain.predict(example, verbose=0)),
        input_example=example,
        # Else it would load the model in another process to guess them.
        pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("keras", backends.name(), "numpy")],
    )
    return TrialResult("complete")


def noted(ledger: Ledger, cell: Cell, place: Path) -> str | None:
    """Where MLflow has this cell's model, as far as is known without asking it."""
    path = ledger.folder / _NOTE
    said = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    there = tracking.exists(place) and said.get("uri") == tracking.uri(place)
    return said["model"] if there and said.get("key") == cell.config.key else None


def find(ledger: Ledger, cell: Cell, place: Path) -> str | None:
    """Where MLflow has this cell's model. Raises StoreError where it cannot be asked."""
    if known := noted(ledger, cell, place):
        return known
    with tracking.told(place):
        client = tracking.connect(place)
        for version in client.search_model_versions(f"name = '{ledger.space.name}'"):
            if {(_KEY, cell.config.key), (_STUDY, ledger.id)} <= version.tags.items():
                return _note(ledger, cell, place, version)
    return None


def register(ledger: Ledger, cell: Cell, folder: Path, place: Path) -> str:
    """Log what `package` left in a folder, and register it under the study's name. Raises StoreError."""
    name, tags = ledger.space.name, {_KEY: cell.config.key, _STUDY: ledger.id}
    about = f"{cell.point}, seed {cell.config.seed}: the median seed of the best point of study {name}."
    with tracking.told(place):
        client = tracking.connect(place)
        experiment, run = tracking.run_of(client, ledger, cell.trial, place)
        # No version has it, or it had been found: what there is of it was left by a launcher that died.
        for left in client.search_logged_models([experiment], f"tags.`{_KEY}` = '{cell.config.key}'"):
            client.delete_logged_model(left.model_id)
        model = client.create_logged_model(experiment, name, source_run_id=run, tags=tags, model_type="keras")
        client.log_model_artifacts(model.model_id, str(folder / _PACKED))
        client.finalize_logged_model(model.model_id, "READY")
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name, description=ledger.space.description)
        # Its address, models:/…, MLflow would look up in the store of the whole process, which is another.
        version = client.create_model_version(
            name, model.artifact_location, run, tags=tags, description=about, model_id=model.model_id
        )
        return _note(ledger, cell, place, version)


def _note(ledger: Ledger, cell: Cell, place: Path, version: Any) -> str:
    address = f"models:/{version.name}/{version.version}"
    said = {"key": cell.config.key, "uri": tracking.uri(place), "model": address}
    write_whole(ledger.folder / _NOTE, json.dumps(said) + "\n")
    return address


def lines(address: str, place: Path) -> list[str]:
    """The lines of Python that load a model, wherever they are run on this machine."""
    return [
        "import mlflow",
        f'mlflow.set_tracking_uri("{tracking.uri(place)}")',
        f'model = mlflow.pyfunc.load_model("{address}")',
    ]
