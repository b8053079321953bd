"""The winner's model in MLflow is logged once, is found again, and is whole even after a launcher died."""

import json
from pathlib import Path

import pytest

from study.engines.cell_folder import PACKED
from study.errors import StoreError
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.tracking import model_registry
from study.tracking.connection import connect
from study.tracking.experiment import run_of_trial
from tests.tracking.logged_studies import launch
from tests.trial_functions import space


@pytest.fixture
def finished(store: Path) -> tuple[Ledger, Cell]:
    """A study that was run and logged, and a cell of it."""
    assert launch(store, space(seeds=(0,), description="How deep?")) == ""
    ledger = Ledger.read(store, "played")
    return ledger, ledger.cells()[1]


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder in which a worker packed a model."""
    (tmp_path / "worker" / PACKED).mkdir(parents=True)
    (tmp_path / "worker" / PACKED / "MLmodel").write_text("flavors: {}\n")
    return tmp_path / "worker"


def test_a_model_is_registered_below_its_trial_s_run(store: Path, finished: tuple[Ledger, Cell], packed: Path) -> None:
    ledger, cell = finished
    assert model_registry.find_address(ledger, cell, store) is None
    assert model_registry.register(ledger, cell, packed, store) == "models:/played/1"
    client = connect(store)
    version = client.get_model_version("played", "1")
    assert version.tags == {"study.key": cell.config.key, "study.id": ledger.id}
    assert version.description == f"{cell.point}, seed 0: the median seed of the best point of study played."
    assert client.get_registered_model("played").description == "How deep?"
    experiment, run = run_of_trial(client, ledger, cell.trial, store)
    (model,) = client.search_logged_models([experiment])
    assert (model.source_run_id, str(model.status)) == (run, "READY")
    # By these MLflow's pages say that the model is registered, and which run made it.
    (linked,) = json.loads(model.tags["mlflow.modelVersions"])
    assert (linked["name"], str(linked["version"])) == ("played", "1")
    outputs = client.get_run(run or "").outputs
    assert outputs is not None
    assert [output.model_id for output in outputs.model_outputs] == [model.model_id]
    assert [path.name for path in (store / "artifacts" / "played").rglob("MLmodel")] == ["MLmodel"]


def test_a_registered_model_is_found_with_and_without_asking_mlflow(
    store: Path, finished: tuple[Ledger, Cell], packed: Path
) -> None:
    ledger, cell = finished
    address = model_registry.register(ledger, cell, packed, store)
    assert model_registry.recorded_address(ledger, cell, store) == address
    assert model_registry.recorded_address(ledger, ledger.cells()[0], store) is None
    assert model_registry.recorded_address(ledger, cell, store / "another") is None
    (ledger.folder / "model.json").unlink()
    assert model_registry.recorded_address(ledger, cell, store) is None
    assert model_registry.find_address(ledger, cell, store) == address
    assert model_registry.recorded_address(ledger, cell, store) == address
    assert model_registry.find_address(ledger, ledger.cells()[0], store) is None


def test_the_alias_best_follows_the_best_point_back_and_forth(
    store: Path, finished: tuple[Ledger, Cell], packed: Path
) -> None:
    ledger, cell = finished
    other, client = ledger.cells()[0], connect(store)

    def best() -> str:
        return str(client.get_model_version_by_alias("played", "best").version)

    assert model_registry.best_address(ledger) == "models:/played@best"
    model_registry.register(ledger, cell, packed, store)
    assert best() == "1"
    model_registry.register(ledger, other, packed, store)
    assert best() == "2"
    assert model_registry.find_address(ledger, cell, store) == "models:/played/1"
    assert best() == "1"


def test_a_model_that_an_earlier_version_registered_gets_its_alias_and_its_link(
    store: Path, finished: tuple[Ledger, Cell], packed: Path
) -> None:
    ledger, cell = finished
    model_registry.register(ledger, cell, packed, store)
    client = connect(store)
    experiment, _ = run_of_trial(client, ledger, cell.trial, store)
    (model,) = client.search_logged_models([experiment])
    client.delete_registered_model_alias("played", "best")
    client.delete_logged_model_tag(model.model_id, "mlflow.modelVersions")
    record = json.loads((ledger.folder / "model.json").read_text())
    (ledger.folder / "model.json").write_text(json.dumps({name: record[name] for name in ("key", "uri", "model")}))
    assert model_registry.recorded_address(ledger, cell, store) is None
    assert model_registry.find_address(ledger, cell, store) == "models:/played/1"
    assert str(client.get_model_version_by_alias("played", "best").version) == "1"
    assert "mlflow.modelVersions" in client.get_logged_model(model.model_id).tags
    assert model_registry.recorded_address(ledger, cell, store) == "models:/played/1"


def test_a_model_whose_run_was_deleted_is_registered_in_this_store(
    store: Path, finished: tuple[Ledger, Cell], packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, cell = finished
    monkeypatch.chdir(packed)
    _, run = run_of_trial(connect(store), ledger, cell.trial, store)
    connect(store).delete_run(run or "")
    before = {path.name for path in packed.iterdir()}
    assert model_registry.register(ledger, cell, packed, store) == "models:/played/1"
    assert {path.name for path in packed.iterdir()} == before


def test_what_a_dead_launcher_left_half_logged_goes(store: Path, finished: tuple[Ledger, Cell], packed: Path) -> None:
    ledger, cell = finished
    client = connect(store)
    experiment, _ = run_of_trial(client, ledger, cell.trial, store)
    half = client.create_logged_model(experiment, "played", tags={"study.key": cell.config.key})
    model_registry.register(ledger, cell, packed, store)
    (model,) = client.search_logged_models([experiment])
    assert model.model_id != half.model_id


def test_a_log_that_is_broken_is_an_error_with_its_address(
    store: Path, finished: tuple[Ledger, Cell], packed: Path
) -> None:
    (store / "mlflow.db").write_text("no database at all " * 100)
    with pytest.raises(StoreError, match=r"MLflow \(sqlite:///.*mlflow.db\) failed"):
        model_registry.register(*finished, packed, store)


def test_the_lines_that_load_a_model_name_the_log_and_the_address(tmp_path: Path) -> None:
    assert model_registry.loading_lines("models:/played/1", tmp_path) == [
        "import mlflow",
        f'mlflow.set_tracking_uri("sqlite:///{tmp_path}/mlflow.db")',
        'model = mlflow.pyfunc.load_model("models:/played/1")',
    ]
