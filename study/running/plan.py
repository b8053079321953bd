"""The cost of a study, estimated. A worker builds each model of the study and measures its size and speed."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from study.engines.engine import Built, Engine, Finished, Message
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.space.cell_key import digest
from study.space.points import count_cells, listed_points
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import Metrics, TrialConfig
from study.sweep.random_points import untried_point
from study.training.environment import worker_environment
from study.training.worker_functions import PROBE

PROBE_SECONDS = 60.0
_TRY_SECONDS = 5.0
_BUILD_SECONDS = 0.7
_SWEEP_SAMPLES = 8
_BYTES_PER_CELL = 60_000
"""Measured for a cell of ten epochs: curve, log, journal, and the rows in MLflow."""


@dataclass(frozen=True)
class Model:
    """A model of the study: how large it is, and how long one trial of it takes."""

    label: str
    parameters: int
    flops: int | None
    seconds: float | None
    """Seconds of one trial. None if no model could be timed."""
    points: int
    """How many points of the study train this model."""
    measured: bool
    """Whether a few of its steps were timed. If not, its time is that of another model, scaled by FLOPs."""


@dataclass(frozen=True)
class Plan:
    """What the study will cost."""

    study: str
    cells: int
    models: tuple[Model, ...]
    """The models of all points, or a sample of them if the study is a sweep or has too many for a minute."""
    workers: int
    start: float
    """Seconds that a worker takes to start; most of it is the import of Keras."""
    disk: int
    """Estimated bytes of the study in the store and of its data sets in the cache."""

    @property
    def hours(self) -> float | None:
        """Hours on this machine, or None if no model could be timed.

        Two starts are included: that of the workers, and that of the one that makes the winner's model afterwards.
        """
        timed = [(model.points, model.seconds) for model in self.models if model.seconds is not None]
        if not timed:
            return None
        trial = sum(points * seconds for points, seconds in timed) / sum(points for points, _ in timed)
        return (self.cells * trial / self.workers + 2 * self.start) / 3600


@dataclass(frozen=True)
class _Probe:
    config: TrialConfig
    size: Metrics
    """Its `parameters`, `flops` and `batch`, and `example`, which is how many numbers an example has."""
    timing: Mapping[str, float]
    """Seconds of compiling (`compile`) and of one example (`train`, `validate`); empty if there was no time for it."""
    wait: float
    """Seconds until the size was known. For the first probe that includes the start of the worker."""


def make_plan(space: SearchSpace, *, threads: int, workers: int) -> Plan:
    """Build the study's models, and time as many as a minute allows. Raises StudyError if one cannot be built."""
    engine = LocalEngine(PROBE, environment=worker_environment(threads), timeout=PROBE_SECONDS)
    distinct = _distinct(space)
    try:
        probes = list(_probe(engine, [config for config, _ in distinct]))
    finally:
        engine.close()
    base, cells = space.config({}, seed=0), count_cells(space)
    # If time ran out, there are fewer probes than models.
    pairs = zip(probes, (points for _, points in distinct), strict=False)
    models = tuple(_model(probe.config.delta(base), points, probe, probes) for probe, points in pairs)
    return Plan(
        space.name, cells, models, workers, probes[0].wait, cells * _BYTES_PER_CELL + _data_bytes(space, probes)
    )


def _points(space: SearchSpace) -> Iterator[TrialConfig]:
    yield from (space.config(point, seed=0) for point in listed_points(space))
    if space.design.kind == "sweep":
        samples = (untried_point(space, excluded=(), history=number) for number in range(_SWEEP_SAMPLES))
        yield from (sample for sample in samples if sample is not None)


def _distinct(space: SearchSpace) -> list[tuple[TrialConfig, int]]:
    """Returns a configuration for each model, and its number of points.

    Settings of the training alone do not count, because they change neither size nor speed.
    """
    settings = task_of(space).settings
    timeless = {name for name, setting in settings.items() if setting.part == "training" and name != "batch_size"}
    models: dict[str, list[TrialConfig]] = {}
    for config in _points(space):
        models.setdefault(digest({k: v for k, v in config.levels().items() if k not in timeless}), []).append(config)
    return [(alike[0], len(alike)) for alike in models.values()]


def _probe(engine: Engine, configs: Sequence[TrialConfig]) -> Iterator[_Probe]:
    """Try as many models as the time allows. Yields the size of each, and the speed of each new size."""
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
    """Returns the seconds of a whole trial: compiling, and every example at its measured or scaled time."""
    scale = flops / source.size["flops"] if flops and source.size["flops"] else 1.0
    fidelity, timing = config.fidelity, source.timing
    epoch = fidelity.train_examples * timing["train"] + fidelity.validation_examples * timing["validate"]
    return timing["compile"] + fidelity.epochs * epoch * scale


def _data_bytes(space: SearchSpace, probes: Sequence[_Probe]) -> int:
    """Returns the bytes of these models' data sets in the cache, one byte per number."""
    task = task_of(space)
    examples = task.fidelity.train_examples + 2 * task.fidelity.validation_examples
    parts = [name for name, setting in task.settings.items() if setting.part == "data"]
    sets = {digest({name: p.config.settings[name] for name in parts}): int(p.size["example"]) for p in probes}
    return examples * sum(sets.values())
