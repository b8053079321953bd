"""A parent run shows the whole study: its file, its answer, and the numbers of its points, as they are now."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mlflow.artifacts import load_text

from study.inference.answer import answer
from study.inference.effects import summary
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from study.tracking import study_views
from study.tracking.connection import connect
from study.tracking.mlflow_names import six_digits
from study.tracking.parent_run import SOME_SEEDS, ParentRun
from study.tracking.study_file import StudyFile
from tests.ledger.launches import run
from tests.toy_task import DEPTH
from tests.tracking.logged_studies import WIDE, histories, launch, runs
from tests.trial_functions import space

if TYPE_CHECKING:
    from mlflow.entities import Run


def the_parent(store: Path) -> "Run":
    return runs(store)[0]


def opened(store: Path) -> ParentRun:
    info = the_parent(store).info
    return ParentRun(connect(store), info.experiment_id, info.run_id, Ledger.read(store, "played").space, store)


def test_it_shows_the_means_and_the_answer_of_the_study_s_own_tables(logged: Path) -> None:
    cells, data = table(Ledger.read(logged, "played")), the_parent(logged).data
    assert data.tags["mlflow.note.content"].startswith(answer(cells))
    for row in summary(cells):
        name = row.point.replace("=", ":")
        assert data.metrics[f"val_acc mean/{name}"] == six_digits(row.mean)
        assert data.metrics[f"val_acc seeds/{name}"] == row.seeds


def test_it_follows_the_study_and_logs_nothing_twice(store: Path) -> None:
    launch(store, space(DEPTH, seeds=(0,)))
    first = histories(store, the_parent(store), "val_acc by depth/mean")
    assert [step for step, _ in first] == [1, 3, 5]
    assert histories(store, the_parent(store), "val_acc seeds/depth:1") == [(0, 1)]
    launch(store, space(DEPTH, seeds=(0, 1)))
    parent = the_parent(store)
    assert parent.data.metrics["val_acc seeds/depth:1"] == 2
    (row,) = (row for row in summary(table(Ledger.read(store, "played"))) if row.point == "depth=5")
    assert histories(store, parent, "val_acc by depth/mean")[-1] == (5, six_digits(row.mean))
    before = {name: histories(store, parent, name) for name in parent.data.metrics}
    opened(store).refresh()
    opened(store).end(Ledger.read(store, "played").counts())
    assert {name: histories(store, the_parent(store), name) for name in before} == before


def test_points_appear_as_seeds_finish(store: Path) -> None:
    launch(store, space(DEPTH, seeds=(0,)))
    run(store, space(DEPTH, seeds=(0, 1)), most=1)
    opened(store).refresh()
    metrics = the_parent(store).data.metrics
    assert [metrics[f"val_acc seeds/{point}"] for point in ("baseline", "depth:1", "depth:5")] == [2, 1, 1]


@pytest.mark.slow
def test_the_study_s_file_is_kept_and_named_also_by_a_later_launch_without_it(store: Path, tmp_path: Path) -> None:
    (file := tmp_path / "mine.toml").write_text("# why: because\nname = 'played'\n")
    launch(store, space(DEPTH, seeds=(0,)))
    parent = opened(store)
    parent.keep_definition(StudyFile.read(file))
    parent.refresh()
    artifacts = the_parent(store).info.artifact_uri
    assert load_text(f"{artifacts}/mine.toml") == file.read_text()
    launch(store, space(DEPTH, seeds=(0, 1)))
    assert f"`study run {file} --store {store}`" in the_parent(store).data.tags["mlflow.note.content"]


def test_a_study_without_a_file_keeps_its_definition(logged: Path) -> None:
    text = load_text(f"{the_parent(logged).info.artifact_uri}/definition.json")
    assert json.loads(text) == WIDE.to_json()


def test_it_is_said_that_the_list_loads_only_some_seeds(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_views, "PAGE", 3)
    launch(store, space(DEPTH, seeds=(0, 1)))
    experiment = connect(store).get_experiment(the_parent(store).info.experiment_id)
    assert experiment.tags["mlflow.note.content"].endswith(f"workflowType=machine_learning) {SOME_SEEDS}")


def test_question_and_answer_stand_above_the_runs_unless_a_person_wrote_something(store: Path) -> None:
    client = connect(store)
    for seeds in ((0,), (0, 1)):
        launch(store, space(DEPTH, seeds=seeds, description="How deep?"))
        info = the_parent(store).info
        note = client.get_experiment(info.experiment_id).tags["mlflow.note.content"]
        first = answer(table(Ledger.read(store, "played")))
        address = f"#/experiments/{info.experiment_id}/runs/{info.run_id}?workflowType=machine_learning"
        assert note == f"How deep? {first} [All verdicts]({address})"
    client.set_experiment_tag(info.experiment_id, "mlflow.note.content", "mine")
    launch(store, space(DEPTH, seeds=(0, 1, 2), description="How deep?"))
    assert client.get_experiment(info.experiment_id).tags["mlflow.note.content"] == "mine"
