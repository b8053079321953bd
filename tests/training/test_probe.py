"""The speed probe: a model's size at once, its speed only if it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from study.space.toml_file import read
from study.space.trial import Metrics
from study.training.probe import _affordable_batch, probe
from tests.conftest import ROOT
from tests.training.test_structured_trials import config


@dataclass
class Answers:
    """A report that gives one answer."""

    go_on: bool
    folder: Path = Path()
    sizes: list[Metrics] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def preparing(self, what: str, done: int, total: int) -> None:
        """The data may have to be made."""

    def built(self, size: Metrics, metrics: Sequence[str] = (), *, data: Mapping[str, Any] | None = None) -> bool:
        self.sizes.append(size)
        self.names += metrics
        return self.go_on

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        raise AssertionError("a probe trains nothing")


@pytest.mark.parametrize("go_on", [True, False])
def test_the_size_is_reported_and_the_speed_measured_if_asked_for(go_on: bool) -> None:
    asked = read(ROOT / "tests" / "handwritten.toml").config({}, seed=0)
    report = Answers(go_on)
    result = probe(asked, report)
    parameters = 64 * 32 + 32 + 32 * 10 + 10
    assert report.sizes == [{"parameters": parameters, "flops": 2 * (64 * 32 + 32 * 10), "batch": 32}]
    assert (result.state, result.parameters) == ("complete", parameters)
    assert [set(metrics) for metrics in result.curve] == ([{"loss", "acc", "val_loss", "val_acc"}] if go_on else [])
    assert report.names == ["acc", "loss", "val_acc", "val_loss"]
    assert set(result.timing) == {"data"} | ({"compile", "train", "validate"} if go_on else set())
    assert result.data["counts"]["pool"] > 96
    assert result.data["bytes"] > 64 * sum(result.data["counts"].values())
    assert all(seconds > 0 for seconds in result.timing.values())


def test_a_stream_is_timed_over_its_own_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path))
    report = Answers(True)
    result = probe(config("streaming"), report)
    parameters = 6 * 4 + 4 + 4 + 1
    size = {"parameters": parameters, "flops": 2 * (6 * 4 + 4), "batch": 10}
    assert report.sizes == [size]
    assert result.data["counts"] == {"pool": 84, "validation": 20, "test": 26}
    assert all(seconds > 0 for seconds in result.timing.values())
    assert [set(metrics) for metrics in result.curve] == [{"loss", "acc", "val_loss", "val_acc"}]


@pytest.mark.parametrize(("operations", "expected"), [(None, 128), (10**6, 128), (10**9, 13), (10**12, 1)])
def test_a_large_model_is_tried_with_a_small_batch(operations: int | None, expected: int) -> None:
    assert _affordable_batch(operations, 128) == expected
