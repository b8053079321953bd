"""The tags, params, metrics and data set of one trial."""

import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

from study.space.design import Confirm, Design
from study.space.factor import Factor
from study.tracking.connection import connect
from study.tracking.mlflow_names import mlflow_name
from tests.toy_task import DEPTH, POOLING
from tests.tracking.logged_studies import histories, launch, runs
from tests.trial_functions import DATA, curve, diverge, fail, space, succeed


def test_what_varied_is_a_param_and_the_rest_a_tag(logged: Path) -> None:
    _, children = runs(logged)
    assert children[0].data.params == {"depth": "3", "pooling": "max"}
    assert children[1].data.params == {"depth": "1", "pooling": "max"}
    tags = children[6].data.tags
    assert {"point": "depth=1", "state": "complete", "setting.seed": "1", "setting.width": "16"}.items() <= tags.items()
    assert {"setting.mask": "library", "setting.norm": "true", "setting.epochs": "3"}.items() <= tags.items()
    assert {"environment.backend": "none", "data.fingerprint": "f" * 64}.items() <= tags.items()
    assert tags["vary"] == "weights, order"
    assert len(tags["mlflow.source.git.commit"]) == 40
    assert {"mlflow.user", "mlflow.source.name"} <= tags.keys()
    assert "reason" not in tags


def test_the_data_set_is_there_with_its_fingerprint(logged: Path) -> None:
    inputs = runs(logged)[1][0].inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest) == ("toy-0123", "f" * 36)
    assert json.loads(given.dataset.profile or "")["sha256"] == DATA["fingerprint"]


def test_every_epoch_of_every_metric_is_there_and_the_last_and_best_on_their_own(store: Path) -> None:
    falling = ({"loss": 1.0, "val_acc": 0.2}, {"loss": 0.5, "val_acc": 0.9}, {"loss": 0.3, "val_acc": 0.7})
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=falling))
    run = runs(store)[1][0]
    assert histories(store, run, "val_acc") == [(1, 0.2), (2, 0.9), (3, 0.7)]
    assert histories(store, run, "loss") == [(1, 1.0), (2, 0.5), (3, 0.3)]
    assert run.data.metrics == {
        "loss": 0.3, "val_acc": 0.7, "final_loss": 0.3, "final_val_acc": 0.7, "best_val_acc": 0.9,
        "parameters": 10, "flops": 20, "seconds": 0.5,
    }  # fmt: skip
    points = connect(store).get_metric_history(run.info.run_id, "loss")
    assert run.info.start_time <= points[0].timestamp < points[1].timestamp < points[2].timestamp
    assert points[2].timestamp - run.info.start_time == 500


def test_a_curve_longer_than_a_batch_of_mlflow_is_whole(store: Path) -> None:
    long = tuple({f"metric {place}": float(epoch) for place in range(11)} | {"val_acc": 0.5} for epoch in range(100))
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=long))
    run = runs(store)[1][0]
    assert histories(store, run, "metric 3") == [(epoch, float(epoch - 1)) for epoch in range(1, 101)]


def test_numbers_that_are_none_are_logged_as_such(store: Path) -> None:
    launch(store, space(seeds=(0,)), diverge)
    run = runs(store)[1][0]
    assert run.info.status == "FINISHED"
    assert run.data.tags["state"] == "diverged"
    assert run.data.tags["reason"] == "the loss is not a number after epoch 2"
    (_, first), (_, second) = histories(store, run, "loss")
    assert first == 1.0
    assert math.isnan(second)
    assert math.isnan(run.data.metrics["final_loss"])
    height = curve(space().config({}, seed=0))[1]["val_acc"]
    assert run.data.metrics["best_val_acc"] == height


def test_a_failed_trial_says_why_and_so_does_its_retry(store: Path) -> None:
    # After an epoch: what fails alike in every cell before that ends the run.
    launch(store, space(seeds=(0,), max_retries=1), lambda config: replace(fail(config), curve=curve(config)[:1]))
    parent, children = runs(store)
    assert Counter(run.data.tags["key"] for run in children).most_common()[0][1] == 2
    assert {run.info.status for run in children} == {"FAILED"}
    assert {run.data.tags["reason"] for run in children} == {"ValueError: no luck"}
    assert parent.data.metrics == {"cells_failed": 3}
    assert parent.info.status == "FINISHED"


def test_names_that_mlflow_would_refuse_are_changed_and_stay_different(store: Path) -> None:
    odd = ({"top@5 (val)": 0.5, "val_acc": 0.1, "a/b": 1.0, "a_b": 2.0, "a|b": 3.0, "seconds": 4.0, "x" * 300: 5.0},)
    assert launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=odd)) == ""
    metrics = runs(store)[1][0].data.metrics
    assert {name: metrics[mlflow_name(name)] for name in odd[0]} == odd[0]
    assert {name: metrics[mlflow_name(f"final_{name}")] for name in odd[0]} == odd[0]
    assert metrics["trial_seconds"] == 0.5


def test_a_setting_may_have_any_name_and_level(store: Path) -> None:
    level = 'a = "b", c\n' + "x" * 7000
    odd = Factor("a/b = c", ("", level), choices=("", level))
    asked = space(odd, baseline={**space().baseline, odd.name: ""}, seeds=(0,))
    assert launch(store, asked) == ""
    found = [run.data for run in runs(store)[1]]
    assert [len(data.params[mlflow_name(odd.name)]) for data in found] == [0, 6000]
    assert found[1].tags[mlflow_name(f"setting.{odd.name}")].startswith('a = "b", c\nxxx')


def test_the_phases_of_a_sweep_are_told_apart(store: Path) -> None:
    how = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
    launch(store, space(DEPTH, POOLING, design=how, seeds=(0,)))
    children = runs(store)[1]
    assert Counter(run.data.tags["phase"] for run in children) == {"search": 5, "confirm": 4}
    assert any("the sampler, which repeated itself" in run.data.tags.get("drawn", "") for run in children)
