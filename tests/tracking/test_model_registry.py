"""The winner's model in MLflow is logged once, is found again, and is whole even after a launcher died."""

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
