"""The address of each logged study in MLflow's pages."""

from collections.abc import Iterator
from pathlib import Path

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL, names, study_folder
from study.tracking.connection import connect, mlflow_errors
from study.tracking.saved_view import has_view
from study.tracking.study_views import POINTS, ShownCell, save_views, view_address


def study_pages(store: Path, pages: str) -> list[tuple[str, str]]:
    """Returns each logged study, the one that was run last first, with the address of its points.

    `pages` is where MLflow's pages are. Raises StoreError if MLflow fails.
    """
    with mlflow_errors(store):
        return [*_pages(store, pages)]


def _pages(store: Path, pages: str) -> Iterator[tuple[str, str]]:
    client = connect(store)
    for name in sorted(names(store), key=lambda name: -_last_run(store, name)):
        experiment = client.get_experiment_by_name(name)
        if experiment is None or experiment.lifecycle_stage == "deleted":
            continue
        if not has_view(experiment.tags, POINTS):
            # An earlier version logged it.
            _save_views(store, name, experiment.experiment_id)
        yield name, view_address(pages, experiment.experiment_id, POINTS)


def _save_views(store: Path, name: str, experiment: str) -> None:
    try:
        ledger = Ledger.read(store, name)
    except StudyError:  # A study that cannot be read must not hide the others.
        return
    cells = [ShownCell(cell.point, cell.phase, cell.state) for cell in ledger.cells()]
    save_views(connect(store), experiment, ledger.space, cells)


def _last_run(store: Path, name: str) -> float:
    return (study_folder(store, name) / JOURNAL).stat().st_mtime
