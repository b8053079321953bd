"""The tags, params, metrics and data set of one trial."""

import json
import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from study.space.design import Confirm, Design
from study.space.factor import Factor
from study.space.objective import Objective
from study.tracking.child_runs import DETAILS, ChildRuns
from study.tracking.connection import connect
from study.tracking.mlflow_names import mlflow_name, six_digits
from tests.toy_task import DEPTH, POOLING
from tests.tracking.logged_studies import histories, launch, runs
from tests.trial_functions import DATA, curve, diverge, fail, space, succeed

RATE = Factor("rate", (0.1, 0.012345))


def test_what_varied_is_a_param_and_the_rest_a_tag(logged: Path) -> None:
    _, children = runs(logged)
    assert children[0].data.params == {"depth": "3", "pooling": "max"}
    assert children[1].data.params == {"depth": "1", "pooling": "max"}
    tags = children[6].data.tags
    assert {name: text for name, text in tags.items() if not name.startswith("mlflow.")} == {
        "study.trial": "6", "key": tags["key"], "point": "depth=1", "state": "complete", "setting.seed": "1",
    }  # fmt: skip
    assert len(tags["mlflow.source.git.commit"]) == 40
    assert {"mlflow.user", "mlflow.source.name"} <= tags.keys()


def test_the_name_of_a_run_is_its_point_and_its_seed(logged: Path) -> None:
    names = [run.info.run_name for run in runs(logged)[1]]
    assert names[:2] == ["baseline · seed 0", "depth=1 · seed 0"]
    assert len(set(names)) == len(names)


def test_long_names_differ_at_their_beginning(store: Path) -> None:
    launch(store, space(DEPTH, POOLING, RATE, kind="grid", seeds=(0,)))
    names = [run.info.run_name or "" for run in runs(store)[1]]
    long = [name for name in names if name.count("=") == 3]
    assert len(long) == 4
    assert long[0].startswith("trial ")
    assert re.fullmatch(r"trial \d+ · depth=\d pooling=\w+ rate=0.012345 · seed 0", long[0])
    assert len({name[:10] for name in long}) == len(long)
    assert "depth=1 pooling=flat · seed 0" in names


def test_what_nobody_searches_for_is_in_one_file(logged: Path) -> None:
    details = json.loads(connect_text(logged, 6))
    assert details["settings"] == {
        "mask": "library", "depth": 1, "width": 16, "pooling": "max", "norm": True, "rate": 0.1,
    }  # fmt: skip
    assert details["fidelity"] == {"epochs": 3, "train_examples": 100, "validation_examples": 10}
    assert details["environment"]["processor"] == "AMD 25/1 avx2"
    assert (details["vary"], details["data"]["fingerprint"]) == (["weights", "order"], "f" * 64)


def connect_text(store: Path, place: int) -> str:
    """The file of a run with its details."""
    from mlflow.artifacts import load_text

    return load_text(f"{runs(store)[1][place].info.artifact_uri}/{DETAILS}")


def test_the_data_set_is_there_with_its_fingerprint(logged: Path) -> None:
    inputs = runs(logged)[1][0].inputs
    assert inputs is not None
    (given,) = inputs.dataset_inputs
    assert (given.dataset.name, given.dataset.digest) == ("toy-0123", "f" * 36)
    assert json.loads(given.dataset.profile or "")["sha256"] == DATA["fingerprint"]


def test_every_epoch_of_every_metric_is_there_and_the_best_and_the_sizes_on_their_own(store: Path) -> None:
    falling = ({"loss": 1.0, "val_acc": 0.2}, {"loss": 0.5, "val_acc": 0.9}, {"loss": 0.3, "val_acc": 0.7})
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=falling))
    run = runs(store)[1][0]
    assert histories(store, run, "val_acc") == [(1, 0.2), (2, 0.9), (3, 0.7)]
    assert histories(store, run, "loss") == [(1, 1.0), (2, 0.5), (3, 0.3)]
    assert run.data.metrics == {
        "loss": 0.3, "val_acc": 0.7, "best_val_acc": 0.9, "parameters": 10, "flops": 20, "seconds": 0.5,
    }  # fmt: skip
    # A single value at another step would be drawn as a dot.
    assert {name: histories(store, run, name) for name in ("best_val_acc", "parameters", "flops", "seconds")} == {
        "best_val_acc": [(0, 0.9)], "parameters": [(0, 10)], "flops": [(0, 20)], "seconds": [(0, 0.5)],
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
    assert math.isnan(run.data.metrics["loss"])
    height = curve(space().config({}, seed=0))[1]["val_acc"]
    assert run.data.metrics["best_val_acc"] == six_digits(height)


def test_weights_that_were_put_back_have_metrics_of_their_own(store: Path) -> None:
    kept = {"loss": 0.4, "val_acc": 0.8123456789}
    launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), final=kept))
    run = runs(store)[1][0]
    assert histories(store, run, "final_val_acc") == [(0, 0.812346)]
    assert histories(store, run, "final_loss") == [(0, 0.4)]
    assert run.data.metrics["val_acc"] == six_digits(curve(space().config({}, seed=0))[-1]["val_acc"])


def test_the_best_epoch_s_value_is_there_if_it_counts(store: Path) -> None:
    best = Objective("val_acc", "maximize", "best")
    falling = ({"val_acc": 0.2}, {"val_acc": 0.9}, {"val_acc": 0.7})
    outcome = replace(succeed(space().config({}, seed=0)), curve=falling, final={"val_acc": 0.9})
    launch(store, space(seeds=(0,), objectives=(best,)), lambda config: outcome)
    metrics = runs(store)[1][0].data.metrics
    assert (metrics["val_acc"], metrics["best_val_acc"]) == (0.7, 0.9)


def test_a_failed_trial_says_why_and_so_does_its_retry(store: Path) -> None:
    # After an epoch: what fails alike in every cell before that ends the run.
    launch(store, space(seeds=(0,), max_retries=1), lambda config: replace(fail(config), curve=curve(config)[:1]))
    parent, children = runs(store)
    assert Counter(run.data.tags["key"] for run in children).most_common()[0][1] == 2
    assert {run.info.status for run in children} == {"FAILED"}
    assert {run.data.tags["reason"] for run in children} == {"ValueError: no luck"}
    assert {name: value for name, value in parent.data.metrics.items() if value} == {"cells_failed": 3}
    assert parent.info.status == "FINISHED"


def test_names_that_mlflow_would_refuse_are_changed_and_stay_different(store: Path) -> None:
    odd = ({"top@5 (val)": 0.5, "val_acc": 0.1, "a/b": 1.0, "a_b": 2.0, "a|b": 3.0, "seconds": 4.0, "x" * 300: 5.0},)
    assert launch(store, space(seeds=(0,)), lambda config: replace(succeed(config), curve=odd)) == ""
    metrics = runs(store)[1][0].data.metrics
    assert {name: metrics[mlflow_name(name)] for name in odd[0]} == odd[0]
    assert metrics["trial_seconds"] == 0.5


def test_a_setting_may_have_any_name_and_level(store: Path) -> None:
    level = 'a = "b", c\n' + "x" * 7000
    odd = Factor("a/b = c", ("", level), choices=("", level))
    asked = space(odd, baseline={**space().baseline, odd.name: ""}, seeds=(0,))
    assert launch(store, asked) == ""
    found = [run.data for run in runs(store)[1]]
    assert [len(data.params[mlflow_name(odd.name)]) for data in found] == [0, 6000]
    assert json.loads(connect_text(store, 1))["settings"][odd.name] == level


def test_the_phases_of_a_sweep_are_told_apart(store: Path) -> None:
    how = Design("sweep", trials=5, confirm=Confirm(top=1, seeds=2))
    launch(store, space(DEPTH, POOLING, design=how, seeds=(0,)))
    children = runs(store)[1]
    assert Counter(run.data.tags["phase"] for run in children) == {"search": 5, "confirm": 4}
    drawn = [json.loads(connect_text(store, place)).get("drawn", "") for place in range(len(children))]
    assert any("the sampler, which repeated itself" in text for text in drawn)


def test_a_server_that_takes_no_files_gets_the_details_as_tags(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refuse(*given: object) -> None:
        asked.append(given)
        raise OSError("no such folder on this machine")

    monkeypatch.setattr(ChildRuns, "_write", refuse)
    assert launch(store, space(seeds=(0,))) == ""
    tags = runs(store)[1][1].data.tags
    assert {"setting.mask": "library", "setting.norm": "true", "setting.epochs": "3"}.items() <= tags.items()
    assert {"environment.backend": "none", "data.fingerprint": "f" * 64}.items() <= tags.items()
    assert (tags["vary"], len(asked)) == ("weights, order", 1)
