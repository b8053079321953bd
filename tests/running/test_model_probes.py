"""What stands in the way of a study is named before it runs, a line for each reason."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from study.engines.engine import READY, Built, Finished, Message, Preparing
from study.running import model_probes
from study.running.model_probes import ModelProbe, ProblemsError, probe_models
from study.space.search_space import SearchSpace
from study.space.trial import TrialConfig, TrialResult
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import Inline, space

TIMING = {"compile": 1.0, "train": 0.1, "validate": 0.1}


class Probing(Inline):
    """An engine that builds each model, and times it if it is asked to."""

    metrics: tuple[str, ...] = ("loss", "val_acc")
    failing: TrialResult | None = None
    stages: list[tuple[str, int]] = []

    def messages(self) -> Iterator[Message]:
        trial, config = next(iter(self._waiting.items()))
        result = self.failing if config.settings["pooling"] == "flat" else None
        if result is None:
            yield Built(trial, {"parameters": int(config.settings["depth"])}, self.metrics)
            result = TrialResult("complete", timing={"data": 0.0, **(TIMING if self._answers.pop(trial) else {})})
        del self._waiting[trial]
        yield Finished(trial, result)


def probes(
    monkeypatch: pytest.MonkeyPatch, study: SearchSpace, engine: Probing, said: list[str] | None = None
) -> list[ModelProbe]:
    monkeypatch.setattr(model_probes, "LocalEngine", lambda *_, **__: engine)
    return probe_models(study, configs(study), threads=1, say=([] if said is None else said).append)


def configs(study: SearchSpace) -> list[TrialConfig]:
    points: list[dict[str, str | int]] = [{}, {"depth": 1}, {"pooling": "mean"}, {"pooling": "flat"}]
    return [study.config(point, seed=0) for point in points]


STUDY = space(DEPTH, POOLING)


def test_each_size_is_timed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Probing()
    assert [probe.timed for probe in probes(monkeypatch, STUDY, engine)] == [True, True, False, False]
    assert engine.closed


def test_only_the_first_model_is_tried_if_there_is_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_probes, "PROBE_SECONDS", -1.0)
    (probe,) = probes(monkeypatch, STUDY, Probing())
    assert probe.timing == {"data": 0.0, **TIMING}


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (TrialResult("failed", failure="exception", reason="ValueError: flat (task.py, line 3)"), None),
        (TrialResult("failed", failure="worker", reason="the worker died (exit status 5)"), None),
        (TrialResult("failed", failure="timeout", reason="x"), "its model was not built within 180 seconds"),
    ],
)
def test_a_model_that_cannot_be_built_is_named(
    monkeypatch: pytest.MonkeyPatch, result: TrialResult, reason: str | None
) -> None:
    engine = Probing()
    engine.failing = result
    with pytest.raises(ProblemsError) as refusal:
        probes(monkeypatch, STUDY, engine)
    assert str(refusal.value) == f"study 'played': pooling=flat: {reason or result.reason}"
    assert engine.closed


def test_a_model_that_cannot_be_changed_as_asked_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Probing()
    engine.failing = TrialResult("refused", reason="surgery: pool cannot be removed")
    refused = [probe.refused for probe in probes(monkeypatch, STUDY, engine)]
    assert refused == ["", "", "", "surgery: pool cannot be removed"]


@pytest.mark.parametrize("known", [True, False])
def test_an_objective_that_is_not_reported_is_named_with_all_its_points(
    monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    class Late(Probing):
        """Its models report their metrics only when they are timed."""

        def messages(self) -> Iterator[Message]:
            for message in super().messages():
                if isinstance(message, Finished) and "train" in message.result.timing:
                    message = Finished(message.trial, TrialResult("complete", ({"loss": 1.0},), timing=TIMING))
                yield message

    engine: Probing = Probing() if known else Late()
    engine.metrics = ("loss",) if known else ()
    with pytest.raises(ProblemsError) as refusal:
        probes(monkeypatch, STUDY, engine)
    points = "baseline, depth=1, pooling=mean, pooling=flat" if known else "baseline, depth=1"
    assert str(refusal.value) == f"study 'played': {points}: reported loss, but not the objective, val_acc"


def test_many_reasons_are_cut_short_and_each_traceback_is_kept_once(tmp_path: Path) -> None:
    config = STUDY.config({}, seed=0)
    many = [
        ModelProbe(config, {}, {}, 0.0, problem=f"reason {number}", traceback=f"trace {number // 2}")
        for number in range(30)
    ]
    error = ProblemsError(STUDY, many)
    assert len(str(error).splitlines()) == 11
    assert str(error).endswith("\nand 20 more reasons")
    assert len(error.tracebacks) == 15


def test_the_time_of_making_data_is_not_the_worker_s_start(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Probing):
        """Its first model needs 0.3 seconds, most of them for its data."""

        def messages(self) -> Iterator[Message]:
            for message in super().messages():
                if isinstance(message, Built):
                    time.sleep(0.3)
                elif isinstance(message, Finished):
                    message = Finished(message.trial, TrialResult("complete", timing={**TIMING, "data": 0.25}))
                yield message

    first, *_ = probes(monkeypatch, STUDY, Slow())
    assert 0.04 < first.wait < 0.2


def test_a_plan_says_that_it_waits_for_data_and_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Probing):
        """Its first model's data take longer than the minute of the plan."""

        def messages(self) -> Iterator[Message]:
            trial = next(iter(self._waiting))
            if trial == 0 and self.stages:
                what, done = self.stages.pop(0)
                yield Preparing(trial, what, done, 8)
                time.sleep(0.1)
                return
            for message in super().messages():
                if isinstance(message, Finished) and trial == 0:
                    message = Finished(trial, TrialResult("complete", timing={**TIMING, "data": 0.4}))
                yield message

    monkeypatch.setattr(model_probes, "PROBE_SECONDS", 0.2)
    monkeypatch.setattr(model_probes, "_SILENT_SECONDS", 0.05)
    engine, said = Slow(), list[str]()
    engine.stages = [("making data", done) for done in (0, 1, 4, 5)] + [(READY, 0)]
    assert len(probes(monkeypatch, STUDY, engine, said)) == 4, "the models after the data are tried, too"
    waits = "; the plan waits for them, which does not count in its minute"
    assert said == [f"study 'played': making data{share}{waits}" for share in ("", " (50 % done)")]


def test_data_that_take_a_moment_are_not_worth_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Quick(Probing):
        def messages(self) -> Iterator[Message]:
            yield Preparing(next(iter(self._waiting)), "making data", 0, 0)
            yield from super().messages()

    said: list[str] = []
    probes(monkeypatch, STUDY, Quick(), said)
    assert said == []
