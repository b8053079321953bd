"""The names of the metrics are known before the first epoch, unless the model measures in its own way."""

from typing import Any

import keras
import numpy as np
import pytest

from study.training.compiled_pass import make_pass
from study.training.model_inputs import build_on
from study.training.reported_metrics import may_report_more, reported_metrics

INPUTS = np.random.default_rng(0).standard_normal((8, 4)).astype("float32")
EXAMPLES = INPUTS, (INPUTS[:, :1] > 0).astype("float32")
TASK: Any = object()


def network(kind: type[keras.Model] = keras.Model) -> keras.Model:
    inputs = keras.Input((4,))
    return kind(inputs, keras.layers.Dense(1, activation="sigmoid", name="head")(inputs))


class OwnStep(keras.Model):  # type: ignore[misc]
    def train_step(self, data: Any) -> Any:
        return {"anything": 1.0, **super().train_step(data)}


class OwnMetrics(keras.Model):  # type: ignore[misc]
    def compute_metrics(self, *args: Any, **kwargs: Any) -> Any:
        return {"anything": 1.0, **super().compute_metrics(*args, **kwargs)}


class Picky(keras.metrics.Mean):  # type: ignore[misc]
    def result(self) -> Any:
        raise ValueError("no example yet")


@pytest.mark.parametrize(
    "metrics", [None, ["acc"], [keras.metrics.AUC(name="auc"), "mae"], [keras.metrics.BinaryAccuracy(name="a/b c")]]
)
def test_the_names_are_those_that_an_epoch_reports(metrics: Any) -> None:
    model = network()
    model.compile(loss="binary_crossentropy", metrics=metrics)
    build_on(model, EXAMPLES, batch=4)
    names = reported_metrics(model, TASK)
    trained = make_pass(model, EXAMPLES, batch=4, training=True)(np.arange(8))
    validated = make_pass(model, EXAMPLES, batch=4, training=False)(np.arange(8))
    assert names == (*trained, *(f"val_{name}" for name in validated))


@pytest.mark.parametrize("kind", [OwnStep, OwnMetrics])
def test_a_model_with_a_way_of_its_own_names_nothing(kind: type[keras.Model]) -> None:
    model = network(kind)
    model.compile(loss="binary_crossentropy", metrics=["acc"])
    build_on(model, EXAMPLES, batch=4)
    assert reported_metrics(model, TASK) == ()


def test_a_metric_without_a_result_leaves_the_names_unknown() -> None:
    model = network()
    model.compile(loss="binary_crossentropy")
    build_on(model, EXAMPLES, batch=4)
    model._metrics.append(Picky(name="picky"))
    assert reported_metrics(model, TASK) == ()


@pytest.mark.parametrize("function", ["callbacks", "before_epoch", "fit"])
def test_a_task_that_may_report_more_leaves_the_names_unknown(function: str) -> None:
    task: Any = type("Task", (), {function: lambda self: None})()
    model = network()
    model.compile(loss="binary_crossentropy")
    build_on(model, EXAMPLES, batch=4)
    assert may_report_more(task)
    assert not may_report_more(TASK)
    assert reported_metrics(model, task) == ()
    assert reported_metrics(model, TASK) == ("loss", "val_loss")
