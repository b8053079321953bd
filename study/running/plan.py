"""What a study will cost: the size and the speed of each of its models, tried out in a worker."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study.engines.engine import Built, Engine, Finished, Message
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.space import points as design
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import Metrics, TrialConfig, digest
from study.sweep.random_points import untried_point
from study.training.environment import worker_environment
from study.training.worker_functions import PROBE

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
    points: int
    """Points of the study that it stands for."""
    measured: bool
    """Whether a few of its steps were timed; else the time is another model's, scaled by FLOPs."""


@dataclass(frozen=True)
class Plan:
    """What the study will cost."""

    study: str
    cells: int
    models: tuple[Model, ...]
    """Those that the points ask for; a sample where a sweep will choose or a minute does not allow them all."""
    workers: int
    start: float
    """Seconds that a worker takes to start, Keras's import most of it."""
    disk: int
    """Bytes in the store and of its data sets in the cache, about."""

    @property
    def hours(self) -> float | None:
        """Hours on this machine: the trials, and two starts, for after the workers one makes the winner's model."""
        known = [(model.points, model.seconds) for model in self.models if model.seconds is not None]
        if not known:
            return None
        trial = sum(points * seconds for points, seconds in known) / sum(points for points, _ in known)
        return (self.cells * trial / self.workers + 2 * self.start) / 3600


@dataclass(frozen=True)
class _Probe:
    config: TrialConfig
    size: Metrics
    """`parameters`, `flops`, `batch`, and `example`: numbers in an example."""
    timing: Mapping[str, float]
    """Seconds of compiling (`compile`) and of one example (`train`, `validate`); empty where there was no time."""
    wait: float
    """Seconds until the size was there: of the first probe, a worker's start."""


def make_plan(space: SearchSpace, *, threads: int, workers: int) -> Plan:
    """Build the study's models and time what a minute allows. Raises StudyError where one cannot be built."""
    engine = LocalEngine(PROBE, environment=worker_environment(threads), timeout=PROBE_SECONDS)
    distinct = _distinct(space)
    try:
        probes = list(_probe(engine, [config for config, _ in distinct]))
    finally:
        engine.close()
    base, cells = space.config({}, seed=0), design.count(space)
    # Where time ran out there are fewer probes than models.
    pairs = zip(probes, (points for _, points in distinct), strict=False)
    models = tuple(_model(probe.config.delta(base), points, probe, probes) for probe, points in pairs)
    return Plan(space.name, cells, models, workers, probes[0].wait, cells * _BYTES_A_CELL + _data_bytes(space, probes))


def _points(space: SearchSpace) -> Iterator[TrialConfig]:
    yield from (space.config(point, seed=0) for point in design.points(space))
    if space.design.kind == "sweep":
        samples = (untried_point(space, seen=(), history=number) for number in range(_SWEEP_SAMPLES))
        yield from (sample for sample in samples if sample is not None)


def _distinct(space: SearchSpace) -> list[tuple[TrialConfig, int]]:
    """One configuration for each model, and its points: what concerns only training changes neither size nor speed."""
    settings = task_of(space).settings
    timeless = {name for name, setting in settings.items() if setting.part == "training" and name != "batch_size"}
    models: dict[str, list[TrialConfig]] = {}
    for config in _points(space):
        models.setdefault(digest({k: v for k, v in config.levels().items() if k not in timeless}), []).append(config)
    return [(alike[0], len(alike)) for alike in models.values()]


def _probe(engine: Engine, configs: Sequence[TrialConfig]) -> Iterator[_Probe]:
    """Try as many models as the time allows: each one's size, and its speed where that is new."""
    end = time.monotonic() + PROBE_SECONDS
    timed: list[Metrics] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, config in enumerate(configs):
            left = end - time.monotonic()
            if left < 0 and number:
                return
            begin, wait = time.monotonic(), 0.0
            engine.submit(number, config, Path(folder))
            size: Metrics = {}
            timing: Mapping[str, float] = {}
            for message in _until_finished(engine):
                if isinstance(message, Built):
                    size, wait = message.size, time.monotonic() - begin
                    affordable = left > _TRY_SECONDS + _BUILD_SECONDS * (len(configs) - number)
                    engine.answer(number, go_on=size not in timed and (affordable or not timed))
                elif isinstance(message, Finished):
                    if message.result.state == "failed" and not size:
                        raise StudyError(
                            f"a model cannot be built: {message.result.reason}\n{message.result.traceback}"
                        )
                    timing = message.result.timing
            timed += [size] if timing else []
            yield _Probe(config, size, timing, wait)


def _until_finished(engine: Engine) -> Iterator[Message]:
    while True:
        for message in engine.messages():
            yield message
            if isinstance(message, Finished):
                return


def _model(label: str, points: int, probe: _Probe, probes: Sequence[_Probe]) -> Model:
    flops = probe.size["flops"]
    alike = [other for other in probes if other.timing and other.size == probe.size]
    nearest = min((p for p in probes if p.timing), key=lambda other: abs(other.size["flops"] - flops), default=None)
    source = alike[0] if alike else nearest
    seconds = None if source is None else _seconds(probe.config, source, flops)
    return Model(label, int(probe.size["parameters"]), int(flops) or None, seconds, points, measured=bool(alike))


def _seconds(config: TrialConfig, source: _Probe, flops: float) -> float:
    """A whole trial: what compiling took, and every example of every epoch at its measured or scaled time."""
    scale = flops / source.size["flops"] if flops and source.size["flops"] else 1.0
    fidelity, timing = config.fidelity, source.timing
    epoch = fidelity.train_examples * timing["train"] + fidelity.validation_examples * timing["validate"]
    return timing["compile"] + fidelity.epochs * epoch * scale


def _data_bytes(space: SearchSpace, probes: Sequence[_Probe]) -> int:
    """The data sets of these models in the cache, a byte a number."""
    task = task_of(space)
    examples = task.fidelity.train_examples + 2 * task.fidelity.validation_examples
    parts = [name for name, setting in task.settings.items() if setting.part == "data"]
    sets = {digest({name: p.config.settings[name] for name in parts}): int(p.size["example"]) for p in probes}
    return examples * sum(sets.values())
