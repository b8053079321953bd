"""The command that serves MLflow's pages, and the address at which they open."""

from pathlib import Path

from study.errors import StoreError
from study.tracking.connection import may_have_log, server, tracking_uri
from study.tracking.experiment import artifacts

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Without the job runner, and with one worker, MLflow starts two processes instead of ten.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


_OWN_PAGES = ("http://", "https://", "databricks")
"""The beginnings of the addresses of servers that have pages of their own. Only a database needs a server for them."""


def server_pages() -> str:
    """Returns where the pages of the user's MLflow server are. Empty if there is no server that has pages."""
    address = server()
    if not address.startswith(_OWN_PAGES):
        return ""
    return f"{address}   serves the pages about the logged trials itself: it is the server of MLFLOW_TRACKING_URI"


def ui_command(store: Path, *, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """Return Python's arguments that serve the pages, and the environment variables to set.

    Raises StoreError if nothing was logged yet.
    """
    if not may_have_log(store):
        raise StoreError(f"{store}: nothing was logged yet; `study run FILE` logs its trials")
    addresses = ["--backend-store-uri", tracking_uri(store), "--default-artifact-root", artifacts(store).as_uri()]
    return ["-m", "mlflow", "ui", *addresses, "--host", host, "--port", str(port), "--workers", "1"], _ENVIRONMENT


def ui_page(*, host: str, port: int) -> str:
    """Return the address of the page that lists the studies."""
    # Without the last part MLflow opens on its tools for language models.
    return f"http://{host}:{port}/#/experiments?workflowType=machine_learning"
