"""The cost of a study, estimated. A worker builds each model of the study and measures its size and speed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from study.running.model_probes import ModelProbe, probe_models
from study.space.cell_key import digest
from study.space.points import count_cells, listed_points
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.space.trial import TrialConfig
from study.sweep.random_points import untried_point
from study.task import PRECISIONS

_SWEEP_SAMPLES = 8
_WORTH_SAYING = 1.2
_BYTES_PER_CELL = 60_000
"""Measured for a cell of ten epochs: curve, log, journal, and the rows in MLflow."""


@dataclass(frozen=True)
class Model:
    """A model of the study: how large it is, and how long one trial of it takes."""

    label: str
    parameters: int | None
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
    faster: tuple[str, float] | None = None
    """Another precision, and how many times as fast it trains the first model. None if none is 1.2 times as fast."""
    untried: tuple[str, ...] = ()
    """Points that nobody built, because the time was up: whether they can be built only the study will tell."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Points whose change of the layers is impossible, each with the reason. Their cells will be refused."""

    @property
    def trial_seconds(self) -> float | None:
        """Seconds of a trial, the mean over the study's points, or None if no model could be timed."""
        timed = [(model.points, model.seconds) for model in self.models if model.seconds is not None]
        if not timed:
            return None
        return sum(points * seconds for points, seconds in timed) / sum(points for points, _ in timed)

    @property
    def hours(self) -> float | None:
        """Hours on this machine, or None if no model could be timed.

        Two starts are included: that of the workers, and that of the one that makes the winner's model afterwards.
        """
        if (trial := self.trial_seconds) is None:
            return None
        return (self.cells * trial / self.workers + 2 * self.start) / 3600


def make_plan(space: SearchSpace, *, threads: int, workers: int, say: Callable[[str], None]) -> Plan:
    """Build the study's models on its data, and time as many as a minute allows, after the data are made.

    `say` gets a line if that takes long. Raises ProblemsError if some cells can never succeed.
    """
    models, others = _distinct(space)
    configs = [*(alike[0] for alike in models), *others]
    also = _other_precision(configs[0])
    probes = probe_models(space, configs, also=also, threads=threads, say=say)
    faster = _faster(probes[0], probes[len(configs) :])
    probes = probes[: len(configs)]
    base, cells = space.config({}, seed=0), count_cells(space)
    # If time ran out, there are fewer probes than models. Else the points that were only built follow the models.
    pairs = [(probe, alike) for probe, alike in zip(probes, models, strict=False) if not probe.refused]
    possible = [probe for probe in probes if not probe.refused]
    listed = tuple(_model(probe.config.delta(base), len(alike), probe, possible) for probe, alike in pairs)
    disk = cells * _BYTES_PER_CELL + _data_bytes(possible)
    refused = {probe.config.delta(base): probe.refused for probe in probes if probe.refused}
    untried = tuple(config.delta(base) for config in configs[len(probes) :])
    return Plan(space.name, cells, listed, workers, probes[0].wait, disk, faster, untried, refused)


def _other_precision(config: TrialConfig) -> list[TrialConfig]:
    """Returns the same trial in the precision that may be faster on this machine; nothing if the task has no choice."""
    setting, level = task_of(config).settings.get("precision"), config.settings.get("precision")
    other = PRECISIONS[0] if level != PRECISIONS[0] else PRECISIONS[1]
    if setting is None or not {level, other} <= {*PRECISIONS} & {*setting.allowed}:
        return []
    return [replace(config, settings={**config.settings, "precision": other})]


def _faster(usual: ModelProbe, others: Sequence[ModelProbe]) -> tuple[str, float] | None:
    for other in (probe for probe in others if probe.timed and usual.timed):
        ratio = usual.timing["train"] / other.timing["train"]
        if ratio >= _WORTH_SAYING:
            return str(other.config.settings["precision"]), ratio
    return None


def _points(space: SearchSpace) -> Iterator[TrialConfig]:
    yield from (space.config(point, seed=0) for point in listed_points(space))
    if space.design.kind == "sweep":
        samples = (untried_point(space, excluded=(), history=number) for number in range(_SWEEP_SAMPLES))
        yield from (sample for sample in samples if sample is not None)


def _distinct(space: SearchSpace) -> tuple[list[list[TrialConfig]], list[TrialConfig]]:
    """Returns the points of each model, and further points that have a level which no model's first point has.

    Settings of the training alone do not count for a model, because they change neither size nor speed.
    """
    settings = task_of(space).settings
    timeless = {
        name
        for name, setting in settings.items()
        if setting.part == "training" and name not in ("batch_size", "precision")
    }
    models: dict[str, list[TrialConfig]] = {}
    points = list(_points(space))
    for config in points:
        models.setdefault(digest({k: v for k, v in config.levels().items() if k not in timeless}), []).append(config)
    built = {level for alike in models.values() for level in _levels(alike[0])}
    others = []
    for config in points:
        if new := _levels(config) - built:
            others.append(config)
            built |= new
    return list(models.values()), others


def _levels(config: TrialConfig) -> set[tuple[str, str]]:
    return {(name, repr(level)) for name, level in config.levels().items()}


def _model(label: str, points: int, probe: ModelProbe, probes: Sequence[ModelProbe]) -> Model:
    flops = probe.size["flops"]
    alike = [other for other in probes if other.timed and other.speed == probe.speed]
    nearest = min((p for p in probes if p.timed), key=lambda other: abs(other.size["flops"] - flops), default=None)
    source = alike[0] if alike else nearest
    seconds = None if source is None else _seconds(probe, source, flops)
    return Model(
        label, int(probe.size["parameters"]) or None, int(flops) or None, seconds, points, measured=bool(alike)
    )


def _seconds(probe: ModelProbe, source: ModelProbe, flops: float) -> float:
    """Returns the seconds of a whole trial: compiling, and every example at its measured or scaled time."""
    scale = flops / source.size["flops"] if flops and source.size["flops"] else 1.0
    budget, timing = probe.config.fidelity.counted(probe.counts or source.counts), source.timing
    epoch = (budget.train_examples or 0) * timing["train"] + (budget.validation_examples or 0) * timing["validate"]
    return timing["compile"] + budget.epochs * epoch * scale


def _data_bytes(probes: Sequence[ModelProbe]) -> int:
    """Returns the bytes of these models' data sets in the cache."""
    return sum({probe.data["name"]: int(probe.data["bytes"]) for probe in probes if probe.data}.values())
