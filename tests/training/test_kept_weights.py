"""A trial keeps the weights at its end, or those of its first best epoch."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.training import checkpoint
from study.training.kept_weights import KeptWeights
from tests.training.one_trial import config

METRICS = [{"val_acc": value} for value in (0.5, math.nan, 0.75, 0.75, 0.25)]


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])


def train(kept: KeptWeights, model: Any) -> None:
    for epoch, metrics in enumerate(METRICS, start=1):
        model.set_weights([np.full((1, 1), epoch)])
        kept.after_epoch(model, metrics, epochs=epoch)


def kept_epoch(path: Path, key: str) -> tuple[float, int] | None:
    saved = checkpoint.read(path, key=key)
    return (float(saved.arrays[0].item()), saved.about["epochs"]) if saved else None


@pytest.mark.parametrize(("direction", "epoch"), [("maximize", 3), ("minimize", 5)])
def test_the_first_best_epoch(direction: str, epoch: int, model: Any, tmp_path: Path) -> None:
    asked = config("many_ways", best=("val_acc", direction))
    kept = KeptWeights(tmp_path / "w", asked)
    train(kept, model)
    assert kept.at_end(model, METRICS, {}) == ({} if epoch == 5 else METRICS[epoch - 1])
    assert kept_epoch(tmp_path / "w", asked.key) == (epoch, epoch)


def test_the_end_if_the_last_epoch_counts(model: Any, tmp_path: Path) -> None:
    asked = config("many_ways")
    kept = KeptWeights(tmp_path / "w", asked)
    train(kept, model)
    assert not (tmp_path / "w").exists()
    assert kept.at_end(model, METRICS, final := {"val_acc": 0.1}) == final
    assert kept_epoch(tmp_path / "w", asked.key) == (5, 5)


def test_weights_at_the_end_that_are_better_than_each_epoch(model: Any, tmp_path: Path) -> None:
    asked = config("many_ways", best=("val_acc", "maximize"))
    kept = KeptWeights(tmp_path / "w", asked)
    train(kept, model)
    assert kept.at_end(model, METRICS, {"val_acc": 0.75}) == METRICS[2]
    assert kept.at_end(model, METRICS, {"val_acc": 0.8}) == {"val_acc": 0.8}
    assert kept_epoch(tmp_path / "w", asked.key) == (5, 5)


def test_no_epoch_with_a_number_leaves_the_weights_at_the_end(model: Any, tmp_path: Path) -> None:
    asked = config("many_ways", best=("no_metric", "maximize"))
    kept = KeptWeights(tmp_path / "w", asked)
    train(kept, model)
    assert kept.at_end(model, METRICS, {}) == {}
    assert kept_epoch(tmp_path / "w", asked.key) == (5, 5)


def test_a_resumed_trial_knows_its_best_epoch_and_whether_its_weights_are_lost(model: Any, tmp_path: Path) -> None:
    asked = config("many_ways", best=("val_acc", "maximize"))
    train(KeptWeights(tmp_path / "w", asked), model)
    again = KeptWeights(tmp_path / "w", asked)
    again.resume(METRICS)
    assert not again.are_lost()
    assert again.at_end(model, METRICS, {}) == METRICS[2]
    (tmp_path / "w").unlink()
    assert again.are_lost()
    assert not KeptWeights(tmp_path / "w", asked).are_lost()
