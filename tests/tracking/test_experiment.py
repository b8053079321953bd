"""A study's experiment is found, made or restored, and keeps its figures."""

from pathlib import Path

from study.ledger.ledger import Ledger
from study.tracking.connection import connect
from study.tracking.experiment import log_figure, run_of_trial, search_runs
from tests.tracking.logged_studies import launch, runs
from tests.trial_functions import space


def test_an_experiment_that_was_deleted_comes_back(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    connect(store).delete_experiment(runs(store)[0].info.experiment_id)
    assert launch(store, space(seeds=(0, 1))) == ""
    assert len(runs(store)[1]) == 6


def test_a_figure_is_kept_with_the_parent(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    figure = store / "depth.png"
    figure.write_bytes(b"picture")
    for _ in range(2):
        log_figure(store, "played", figure)
    log_figure(store, "another", figure)
    log_figure(store / "elsewhere", "played", figure)
    assert not (store / "elsewhere").exists()
    parent, _ = runs(store)
    assert [item.path for item in connect(store).list_artifacts(parent.info.run_id, "figures")] == ["figures/depth.png"]
    assert [path.read_bytes() for path in (store / "artifacts" / "played").rglob("depth.png")] == [b"picture"]


def test_the_run_of_a_trial_is_found_by_its_number(logged: Path) -> None:
    client, ledger = connect(logged), Ledger.read(logged, "played")
    experiment, run = run_of_trial(client, ledger, 4, logged)
    assert run == runs(logged)[1][4].info.run_id
    assert run_of_trial(client, ledger, 1000, logged) == (experiment, None)


def test_a_search_returns_every_page(logged: Path) -> None:
    client = connect(logged)
    search = client.search_runs

    class InPages:
        """A client whose pages hold three runs."""

        def search_runs(self, experiments: list[str], **given: object) -> object:
            return search(experiments, **{**given, "max_results": 3})  # type: ignore[arg-type]

    experiment = runs(logged)[0].info.experiment_id
    found = search_runs(InPages(), experiment, "tags.`study.trial` != ''")  # type: ignore[arg-type]
    assert len({run.info.run_id for run in found}) == len(runs(logged)[1]) == 10
