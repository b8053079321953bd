"""Logs and registers the winner's model in MLflow, in the launcher and only once."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.engines.cell_folder import NEEDS, PACKED
from study.files import write_whole
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.tracking.connection import connect, entities, mlflow_errors, server, shown_uri
from study.tracking.experiment import run_of_trial
from study.tracking.logged_rows import has_version

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

_MODEL_FILE = "model.json"
"""A file in the study's folder: the cell whose model is logged, and the model's address in MLflow."""
_BEST = "best"
"""The alias of the version that is the best point's model. It follows when the study grows."""
_VERSIONS = "mlflow.modelVersions"
"""The tag by which a model's page says that it is registered."""
_ANY_LOADER = "mlflow.pyfunc"
_NOTE = "mlflow.note.content"
"""The tag that MLflow shows as a description."""
_KEY, _STUDY, _NEEDS, _LOADER = "study.key", "study.id", "study.needs", "study.loader"


def recorded_address(ledger: Ledger, cell: Cell, store: Path) -> str | None:
    """Return the address of this cell's model from the study's folder. None if it records none.

    A server is not asked whether it still has the model. A store's own database is.
    """
    recorded = _recorded(ledger)
    address: str | None = recorded.get("model")
    # A record of an earlier version names no alias. Then the model may have none.
    if not address or recorded.get("alias") != _BEST or recorded.get("key") != cell.config.key:
        return None
    # A store may have been moved, and its database removed, or replaced by an older copy.
    if server():
        return address if recorded.get("uri") == shown_uri(store) else None
    return address if has_version(store, address, (_KEY, cell.config.key)) else None


def best_address(ledger: Ledger) -> str:
    """Return the address that always leads to the registered model of the study's best point."""
    return f"models:/{ledger.space.name}@{_BEST}"


def find_address(ledger: Ledger, cell: Cell, store: Path) -> str | None:
    """Return the address of this cell's model. None if MLflow has no such model. Raises StoreError if MLflow fails.

    A model that MLflow has becomes the best point's, so call this for the best point's cell only.
    """
    if address := recorded_address(ledger, cell, store):
        return address
    with mlflow_errors(store):
        client = connect(store)
        for version in client.search_model_versions(f"name = '{ledger.space.name}'"):
            if {(_KEY, cell.config.key), (_STUDY, ledger.id)} <= version.tags.items():
                experiment, _ = run_of_trial(client, ledger, cell.trial, store)
                for model in client.search_logged_models([experiment], f"tags.`{_KEY}` = '{cell.config.key}'"):
                    _link(client, model, version)
                return _record(client, ledger, cell, store, version)
    return None


def register(ledger: Ledger, cell: Cell, folder: Path, store: Path) -> str:
    """Log and register the model that a worker packed in a folder, as the best point's. Returns its address.

    Call it only if `find_address` returned None. Raises StoreError if MLflow fails.
    """
    name, tags = ledger.space.name, {_KEY: cell.config.key, _STUDY: ledger.id}
    about = f"{cell.point}, seed {cell.config.seed}: the median seed of the best point of study {name}."
    if (loader := _loader(folder)) != _ANY_LOADER:
        tags[_LOADER] = loader
    if needs := _needs(folder):
        tags[_NEEDS] = needs
        about += f" MLflow cannot load it without the task's code: {needs}. {' '.join(own_code_lines(name, store))}"
    with mlflow_errors(store):
        client = connect(store)
        experiment, run = run_of_trial(client, ledger, cell.trial, store)
        # No registered version has this model. So if it is logged, a killed launcher left it half logged.
        for half_logged in client.search_logged_models([experiment], f"tags.`{_KEY}` = '{cell.config.key}'"):
            client.delete_logged_model(half_logged.model_id)
        model = client.create_logged_model(
            experiment, name, source_run_id=run, tags=tags | {_NOTE: about}, model_type="keras"
        )
        client.log_model_artifacts(model.model_id, str(folder / PACKED))
        client.finalize_logged_model(model.model_id, "READY")
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name, description=ledger.space.description)
        # MLflow would look up an address models:/… in this process's default store, which is another one. So: the path.
        # It would look up a model without a run there, too.
        version = client.create_model_version(
            name,
            model.artifact_location,
            run,
            tags=tags,
            description=about,
            model_id=model.model_id if run else None,
        )
        _link(client, model, version)
        return _record(client, ledger, cell, store, version)


def _link(client: "MlflowClient", model: Any, version: Any) -> None:
    """Let the model's page say that it is registered, and its run's page that the run made it."""
    if _VERSIONS in model.tags:
        return
    run = client.get_run(model.source_run_id) if model.source_run_id else None
    # A launcher that was killed between the two writes has made the first one. MLflow takes it only once.
    if run and not any(
        output.model_id == model.model_id for output in (run.outputs and run.outputs.model_outputs) or ()
    ):
        client.log_outputs(run.info.run_id, [entities().LoggedModelOutput(model.model_id, 0)])
    versions = [{"name": version.name, "version": version.version}]
    client.set_logged_model_tags(model.model_id, {_VERSIONS: json.dumps(versions)})


def _record(client: "MlflowClient", ledger: Ledger, cell: Cell, store: Path, version: Any) -> str:
    """Make a version the best one, and record it in the study's folder."""
    client.set_registered_model_alias(version.name, _BEST, version.version)
    address = f"models:/{version.name}/{version.version}"
    record = {"key": cell.config.key, "uri": shown_uri(store), "model": address, "alias": _BEST}
    record |= {name: version.tags[tag] for name, tag in (("needs", _NEEDS), ("loader", _LOADER)) if tag in version.tags}
    write_whole(ledger.folder / _MODEL_FILE, json.dumps(record) + "\n")
    return address


def recorded_needs(ledger: Ledger) -> str:
    """Return why MLflow cannot load the logged model without the task's code. An empty text if it can."""
    return str(_recorded(ledger).get("needs", ""))


def recorded_loader(ledger: Ledger) -> str:
    """Return the part of MLflow that loads the logged model."""
    return str(_recorded(ledger).get("loader", _ANY_LOADER))


def _recorded(ledger: Ledger) -> dict[str, Any]:
    """Return the record of the logged model. A damaged one counts as none, and is then written anew."""
    path = ledger.folder / _MODEL_FILE
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    whole = isinstance(content, dict) and all(isinstance(text, str) for text in content.values())
    return content if whole else {}


def _loader(folder: Path) -> str:
    """Return the part of MLflow that loads the model in a folder: one for every kind of model, or that for Keras."""
    description = (folder / PACKED / "MLmodel").read_text(encoding="utf-8")
    return "mlflow.keras" if "keras:" in description and "python_function:" not in description else _ANY_LOADER


def _needs(folder: Path) -> str:
    path = folder / PACKED / NEEDS
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def loading_lines(address: str, store: Path, *, loader: str = _ANY_LOADER) -> list[str]:
    """Return the lines of Python that load a model. They work in any folder of this machine."""
    return [
        "import mlflow",
        f'mlflow.set_tracking_uri("{shown_uri(store)}")',
        f'model = {loader}.load_model("{address}")',
    ]


def own_code_lines(name: str, store: Path) -> list[str]:
    """Return the lines of Python that make a study's model from the task's code and the weights in the store."""
    return ["from study.results import load_study", f"model = load_study({name!r}, store={str(store)!r}).model()"]
