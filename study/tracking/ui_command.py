"""The command that serves MLflow's pages, and the address at which they open."""

from pathlib import Path

from study.errors import StoreError
from study.tracking.connection import may_have_log, server, tracking_uri, without_password
from study.tracking.experiment import artifacts

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Without the job runner, and with one worker, MLflow starts two processes instead of ten.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}
_OWN_PAGES = ("http://", "https://")
"""The beginnings of the addresses of servers that have pages of their own. Only a database needs a server for them."""
_OTHERS = ("databricks",)
"""The beginnings of the addresses of servers that have other pages of their own."""


def server_pages() -> str:
    """Returns where the pages of the user's MLflow server are. Empty if there is no server that has pages."""
    address = without_password(server())
    return address.rstrip("/") if address.startswith((*_OWN_PAGES, *_OTHERS)) else ""


def has_views(pages: str) -> bool:
    """Whether pages at this address are MLflow's own, which open saved views."""
    return pages.startswith(_OWN_PAGES)


def ui_command(store: Path, *, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """Return Python's arguments that serve the pages, and the environment variables to set.

    Raises StoreError if nothing was logged yet.
    """
    if not may_have_log(store):
        raise StoreError(f"{store}: nothing was logged yet; `study run FILE` logs its trials")
    addresses = ["--backend-store-uri", tracking_uri(store), "--default-artifact-root", artifacts(store).as_uri()]
    return ["-m", "mlflow", "ui", *addresses, "--host", host, "--port", str(port), "--workers", "1"], _ENVIRONMENT


def served_pages(*, host: str, port: int) -> str:
    """Return where the served pages are."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def list_address(pages: str) -> str:
    """Return the address of the page that lists the studies."""
    # Without the last part MLflow opens on its tools for language models.
    return f"{pages}/#/experiments?workflowType=machine_learning"
