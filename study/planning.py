"""What a study will cost: the size and the speed of each of its models, tried out in a worker."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from study import backends, design, search
from study.engines import Engine, Epoch, Finished
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.space import SearchSpace
from study.trial import TrialConfig, TrialResult

PROBE_SECONDS = 60.0
_TRY_SECONDS = 5.0
_BUILD_SECONDS = 0.7
_SWEEP_SAMPLES = 8
_BYTES_A_CELL = 60_000
"""Curve, log, journal and MLflow's rows of a cell of ten epochs, as measured."""


@dataclass(frozen=True)
class Model:
    """A model of the study: how large it is, and how long one trial of it takes."""

    label: str
    parameters: int
    flops: int | None
    seconds: float | None
    """Of one trial; None where nothing could be tried."""
    measured: bool
    """Whether a few of its steps were timed; else the time is another model's, scaled by FLOPs."""


@dataclass(frozen=True)
class Plan:
    """What the study will cost."""

    study: str
    cells: int
    models: tuple[Model, ...]
    """One for each point, or for a sample of them where a sweep will choose."""
    workers: int
    disk: int
    """Bytes in the store, about."""

    @property
    def hours(self) -> float | None:
        """Hours on this machine, from first trial to last."""
        known = [model.seconds for model in self.models if model.seconds is not None]
        return self.cells * sum(known) / len(known) / self.workers / 3600 if known else None


def plan(space: SearchSpace, *, threads: int, workers: int) -> Plan:
    """Build every model of the study and time what a minute allows. Raises StudyError where one cannot be built."""
    base = space.config({}, seed=0)
    configs = list(_points(space))
    engine = LocalEngine("study.training:probe", environment=backends.environment(threads), timeout=PROBE_SECONDS)
    try:
        results = _probe(engine, configs)
    finally:
        engine.close()
    models = tuple(
        _model(config.delta(base), config, result, list(zip(configs, results, strict=True)))
        for config, result in zip(configs, results, strict=True)
    )
    cells = design.count(space)
    return Plan(space.name, cells, models, workers, cells * _BYTES_A_CELL)


def _points(space: SearchSpace) -> Iterator[TrialConfig]:
    yield from (space.config(point, seed=0) for point in design.points(space))
    if space.design.kind == "sweep":
        samples = (search.unseen(space, seen=(), history=number) for number in range(_SWEEP_SAMPLES))
        yield from (sample for sample in samples if sample is not None)


def _probe(engine: Engine, configs: list[TrialConfig]) -> list[TrialResult]:
    """One result for each configuration: its size always, its timing where there was time for it."""
    begin = time.monotonic()
    results: list[TrialResult] = []
    timed: set[tuple[tuple[str, float], ...]] = set()
    with tempfile.TemporaryDirectory() as folder:
        for number, config in enumerate(configs):
            engine.submit(number, config, Path(folder))
            result = None
            while result is None:
                for message in engine.messages():
                    if isinstance(message, Epoch):
                        size = tuple(sorted(message.metrics.items()))
                        needed = _TRY_SECONDS + _BUILD_SECONDS * (len(configs) - number)
                        spare = time.monotonic() - begin + needed < PROBE_SECONDS
                        engine.answer(number, go_on=size not in timed and (spare or not timed))
                        timed.add(size)
                    elif isinstance(message, Finished):
                        result = message.result
            if result.parameters is None:
                raise StudyError(f"a model cannot be built: {result.reason}\n{result.traceback}".strip())
            results.append(result)
    return results


def _model(label: str, config: TrialConfig, result: TrialResult, tried: list[tuple[TrialConfig, TrialResult]]) -> Model:
    assert result.parameters is not None
    size = (result.parameters, result.flops)
    timed = [(other, theirs) for other, theirs in tried if theirs.timing]
    alike = [theirs for _, theirs in timed if (theirs.parameters, theirs.flops) == size]
    nearest = min(
        (theirs for _, theirs in timed), key=lambda r: abs((r.flops or 0) - (result.flops or 0)), default=None
    )
    source = result if result.timing else alike[0] if alike else nearest
    seconds = None if source is None else _seconds(config, source, result)
    return Model(label, *size, seconds, measured=bool(result.timing or alike))


def _seconds(config: TrialConfig, source: TrialResult, result: TrialResult) -> float:
    """A whole trial: what compiling took, and every image of every epoch at its measured or scaled time."""
    scale = result.flops / source.flops if result.flops and source.flops else 1.0
    fidelity, timing = config.fidelity, source.timing
    epoch = fidelity.train_examples * timing["train"] + fidelity.validation_examples * timing["validate"]
    return timing["compile"] + fidelity.epochs * epoch * scale


def processors() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
