"""The command that serves MLflow's pages."""

from pathlib import Path

import pytest

from study.errors import StoreError
from study.tracking.ui_command import has_views, list_address, served_pages, server_pages, ui_command


def test_it_serves_the_store_with_two_processes(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    command, environment = ui_command(tmp_path, host="127.0.0.1", port=5001)
    assert command == [
        "-m", "mlflow", "ui",
        "--backend-store-uri", f"sqlite:///{tmp_path}/mlflow.db",
        "--default-artifact-root", f"file://{tmp_path}/artifacts",
        "--host", "127.0.0.1", "--port", "5001", "--workers", "1",
    ]  # fmt: skip
    assert environment == {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def test_a_database_of_the_user_s_own_is_served_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "postgresql://somewhere/runs")
    command, _ = ui_command(tmp_path, host="localhost", port=5000)
    assert command[command.index("--backend-store-uri") + 1] == "postgresql://somewhere/runs"


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "https://mlflow.example.org/here", "databricks://profile"])
def test_a_server_has_pages_of_its_own(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert server_pages() == address
    assert has_views(address) == address.startswith("http")


@pytest.mark.parametrize("address", ["postgresql://somewhere/runs", "sqlite:////tmp/mlflow.db", ""])
def test_a_database_has_no_pages_of_its_own(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    assert server_pages() == ""


def test_without_a_log_there_is_nothing_to_serve(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing was logged yet; `study run FILE` logs its trials"):
        ui_command(tmp_path, host="127.0.0.1", port=5000)


def test_the_list_opens_on_experiments() -> None:
    assert served_pages(host="::1", port=80) == "http://[::1]:80"
    assert served_pages(host="localhost", port=5000) == "http://localhost:5000"
    assert list_address("http://a:80") == "http://a:80/#/experiments?workflowType=machine_learning"
