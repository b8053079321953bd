"""Tries the models of a study on its own data, before it runs: can they be built, how large and how fast are they?"""

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.engines.engine import READY, Built, Engine, Finished, Message, Preparing
from study.engines.local import LocalEngine
from study.errors import StudyError
from study.ledger.cell import lacking_objective
from study.space.hints import MOST_SHOWN, some
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import PRECISIONS, Level
from study.training.environment import worker_environment
from study.training.worker_functions import PROBE

PROBE_SECONDS = 60.0
_MOST_SECONDS = 180.0
"""After so long a model is given up. On a busy machine a worker alone may take a minute to start."""
_TRY_SECONDS = 5.0
_BUILD_SECONDS = 0.7
_SILENT_SECONDS = 3.0
"""Nothing is said about data that take less."""
Say = Callable[[str], None]
Speed = tuple[Metrics, Level | None]
"""The size of a model and the precision in which it computes."""


@dataclass(frozen=True)
class ModelProbe:
    """A model that was built once, and perhaps timed."""

    config: TrialConfig
    size: Metrics
    """Its `parameters`, `flops` and `batch`."""
    timing: Mapping[str, float]
    """Seconds of making or reading the data (`data`) and, if the model was timed, of compiling (`compile`) and of one
    example (`train`, `validate`)."""
    wait: float
    """Seconds until the size was known, without the data. For the first probe that is the start of the worker."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The data set as a trial's result describes it, and its `bytes`; empty if the probe did not come to its end."""
    problem: str = ""
    """Why no trial of this model can succeed; empty if nothing is known to stand in its way."""
    traceback: str = ""
    refused: str = ""
    """Why the point's change of the layers is impossible; empty if it is possible. The study runs without it."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Returns how many examples each split of its data has; empty if the probe did not come to its end."""
        counts: Mapping[str, int] = self.data.get("counts", {})
        return counts

    @property
    def timed(self) -> bool:
        """Whether a few of the model's steps were timed."""
        return "train" in self.timing

    @property
    def speed(self) -> Speed:
        """Returns what decides how fast a step is: equal ones take equal times."""
        return _speed(self.config, self.size)


def _speed(config: TrialConfig, size: Metrics) -> Speed:
    # A task may mean something else by its `precision`.
    precision = config.settings.get("precision")
    return size, precision if precision in PRECISIONS else None


class ProblemsError(StudyError):
    """Some cells of the study can never succeed. The message has a line for each reason."""

    def __init__(self, space: SearchSpace, probes: Sequence[ModelProbe]) -> None:
        points: dict[str, list[str]] = defaultdict(list)
        for probe in probes:
            if probe.problem:
                points[probe.problem].append(probe.config.delta(space.config({}, seed=0)))
        lines = [f"study {space.name!r}: {some(labels)}: {problem}" for problem, labels in points.items()]
        more = [f"and {len(lines) - MOST_SHOWN:,} more reasons"] if len(lines) > MOST_SHOWN else []
        super().__init__("\n".join([*lines[:MOST_SHOWN], *more]))
        self.tracebacks = tuple(dict.fromkeys(probe.traceback for probe in probes if probe.traceback))


def probe_models(
    space: SearchSpace, configs: Sequence[TrialConfig], *, also: Sequence[TrialConfig] = (), threads: int, say: Say
) -> list[ModelProbe]:
    """Try as many of these models as a minute allows, at least the first one. Each new size is timed.

    The study has no trials of `also`, which come last. The time in which data are made does not count, and `say` gets a
    line if that takes long.
    Raises ProblemsError if one of `configs` cannot be built or trained, or will not report an objective.
    """
    engine = LocalEngine(PROBE, environment=worker_environment(threads), timeout=_MOST_SECONDS)
    try:
        with tempfile.TemporaryDirectory() as folder:
            waiting = _Waiting(f"study {space.name!r}", say)
            probes = list(_probes(engine, space, [*configs, *also], Path(folder), waiting))
    finally:
        engine.close()
    own = probes[: len(configs)]
    if any(probe.problem for probe in own):
        raise ProblemsError(space, own)
    return probes


class _Waiting:
    """Says for which data a plan waits, once they have taken longer than a moment."""

    def __init__(self, name: str, say: Say) -> None:
        self._name, self._say = name, say
        self._what, self._since = READY, 0.0
        self._stage, self._said = "", ""

    def received(self, message: Message) -> None:
        """Note what a trial prepares. Of what it counts, only the quarters are said."""
        what, share = (message.what, _quarter(message)) if isinstance(message, Preparing) else (READY, "")
        if what != self._what:
            self._what, self._since = what, time.monotonic()
        self._stage = f"{self._name}: {what}{share}; the plan waits for them, which does not count in its minute"

    def look(self) -> None:
        """Say what the plan waits for, if it is time to and if that was not said yet."""
        if self._what != READY and time.monotonic() - self._since > _SILENT_SECONDS and self._stage != self._said:
            self._say(self._stage)
            self._said = self._stage


def _quarter(message: Preparing) -> str:
    quarters = 4 * message.done // message.total if message.total else 0
    return f" ({25 * quarters} % done)" if quarters else ""


def _probes(
    engine: Engine, space: SearchSpace, configs: Sequence[TrialConfig], folder: Path, waiting: _Waiting
) -> Iterator[ModelProbe]:
    end = time.monotonic() + PROBE_SECONDS
    timed: list[Speed] = []
    for number, config in enumerate(configs):
        left = end - time.monotonic()
        if left < 0 and number:
            return
        affordable = left > _TRY_SECONDS + _BUILD_SECONDS * (len(configs) - number)
        engine.submit(number, config, folder)
        probe = _probe(engine, space, config, timed=timed, affordable=affordable or not timed, waiting=waiting)
        # Neither the data nor the start of the worker, which the first probe waits for, are the models' time.
        end += probe.timing.get("data", 0.0) + (0.0 if number else probe.wait)
        timed += [probe.speed] if probe.timed else []
        yield probe


def _probe(
    engine: Engine,
    space: SearchSpace,
    config: TrialConfig,
    *,
    timed: Sequence[Speed],
    affordable: bool,
    waiting: _Waiting,
) -> ModelProbe:
    """Try the model that was submitted. It is timed if that is affordable and no model of its size was timed yet."""
    size: Metrics = {}
    begin, wait, problem = time.monotonic(), 0.0, ""
    for message in _until_finished(engine, waiting):
        if isinstance(message, Built):
            size, wait = message.size, time.monotonic() - begin
            problem = lacking_objective(space, message.metrics) if message.metrics else ""
            engine.answer(message.trial, go_on=affordable and _speed(config, size) not in timed and not problem)
        elif isinstance(message, Finished):
            result = message.result
    if result.state == "refused":
        return ModelProbe(config, size, {}, wait, refused=result.reason)
    return ModelProbe(
        config,
        size,
        result.timing,
        wait=max(0.0, wait - result.timing.get("data", 0.0)),
        data=result.data,
        problem=problem or _problem(space, result, size),
        traceback=result.traceback,
    )


def _problem(space: SearchSpace, result: TrialResult, size: Metrics) -> str:
    """Returns why no trial of a model can succeed, as far as its probe shows that."""
    if result.failure == "timeout":
        return "" if size else f"its model was not built within {_MOST_SECONDS:g} seconds"
    if result.state == "failed":
        # A model that could be built but not timed may only be too slow or too large for this minute.
        return result.reason if result.failure == "exception" or not size else ""
    return lacking_objective(space, result.metrics) if result.metrics else ""


def _until_finished(engine: Engine, waiting: _Waiting) -> Iterator[Message]:
    while True:
        waiting.look()
        for message in engine.messages():
            waiting.received(message)
            yield message
            if isinstance(message, Finished):
                return
