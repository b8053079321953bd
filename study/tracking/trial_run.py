"""The name, tags, params, metrics, data set and details that MLflow shows for one trial."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from study.ledger.cell import Trial
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialResult
from study.task import describe
from study.tracking.connection import entities
from study.tracking.experiment import TRIAL_TAG
from study.tracking.metric_names import MetricNames
from study.tracking.mlflow_names import mlflow_name, shortened, six_digits

RUN_STATUS = {
    **dict.fromkeys(("complete", "pruned", "refused", "diverged"), "FINISHED"),
    "failed": "FAILED",
}
"""MLflow's status of a run, by the state of its trial."""
SEED_TAG = "setting.seed"
_LONGEST_LABEL = 28
"""MLflow's table and legends cut longer names, and those of many points begin alike."""
_LONGEST_NAME = 200
_LONGEST_TAG = 5000
_LONGEST_PARAM = 6000
_LONGEST_DIGEST = 36


def run_name(trial: Trial) -> str:
    """Return the name of a trial's run: its point and its seed. A long one begins with the trial's number."""
    name = f"{shortened(trial.point, most=_LONGEST_NAME)} · seed {trial.config.seed}"
    return name if len(trial.point) <= _LONGEST_LABEL else f"trial {trial.number} · {name}"


def first_tags(trial: Trial) -> dict[str, str]:
    """Return the tags of a trial's run that are known before the trial ends."""
    texts = {
        TRIAL_TAG: str(trial.number),
        "key": trial.config.key,
        "point": trial.point,
        SEED_TAG: str(trial.config.seed),
        "phase": trial.phase,
    }
    return _tags(texts)


def last_tags(result: TrialResult) -> dict[str, str]:
    """Return the tags of a trial's run that say how the trial ended."""
    return _tags({"state": result.state, "failure": result.failure, "reason": result.reason})


def _tags(texts: Mapping[str, str]) -> dict[str, str]:
    return {mlflow_name(name): shortened(text, most=_LONGEST_TAG) for name, text in texts.items() if text}


def details(trial: Trial, result: TrialResult) -> dict[str, Any]:
    """Return what nobody searches for: settings, budget, environment, data set and times, as plain values."""
    config = trial.config
    known = {
        "settings": dict(config.settings),
        "fidelity": vars(config.fidelity),
        "vary": list(config.vary),
        "drawn": trial.origin,
        "environment": dict(result.environment),
        "data": dict(result.data),
        "timing": {name: six_digits(seconds) for name, seconds in result.timing.items()},
        "code": result.code,
    }
    return {name: value for name, value in known.items() if value}


def detail_tags(details: Mapping[str, Any]) -> dict[str, str]:
    """Return the details as tags, for a server that takes no files."""
    settings = {**details["settings"], **details["fidelity"]}
    texts = {
        "vary": ", ".join(details.get("vary", ())),
        "drawn": details.get("drawn", ""),
        **{f"setting.{name}": describe(level) for name, level in settings.items() if level is not None},
        **{f"environment.{name}": str(value) for name, value in details.get("environment", {}).items()},
        "data.fingerprint": str(details.get("data", {}).get("fingerprint", "")),
    }
    return _tags(texts)


def params(trial: Trial, space: SearchSpace) -> list[Any]:
    """Return the factors' levels, and nothing else: MLflow's parallel coordinates draw an axis for every param."""
    param = entities().Param
    levels = {factor.name: describe(trial.config.levels()[factor.name]) for factor in space.factors}
    return [param(mlflow_name(name), shortened(text, most=_LONGEST_PARAM)) for name, text in levels.items()]


@dataclass(frozen=True)
class EndedEpoch:
    """An epoch of a trial; the first is 1. It ended at a time in milliseconds."""

    epoch: int
    metrics: Metrics
    time: int


def epochs_of(result: TrialResult, begin: int) -> Iterator[EndedEpoch]:
    """Yield the epochs of a trial that began at `begin`, in milliseconds, as if all took the same time."""
    for epoch, metrics in enumerate(result.curve, start=1):
        yield EndedEpoch(epoch, metrics, begin + int(result.seconds * 1000 * epoch / len(result.curve)))


def curve_metrics(epochs: Iterable[EndedEpoch], names: MetricNames) -> list[Any]:
    """Return every metric of these epochs, at the epoch's number."""
    metric = entities().Metric
    return [
        metric(names(name), six_digits(value), one.time, one.epoch)
        for one in epochs
        for name, value in one.metrics.items()
    ]


def single_metrics(result: TrialResult, names: MetricNames, end: int) -> list[Any]:
    """Return the numbers of which a trial has one each. They stand at step 0, so that MLflow draws bars."""
    metric = entities().Metric
    return [metric(mlflow_name(name), six_digits(value), end, 0) for name, value in _numbers(result, names).items()]


def _numbers(result: TrialResult, names: MetricNames) -> Metrics:
    """Return the best value of the objective, the model's size and cost, and the metrics of weights put back."""
    objective = names.objectives[0]
    numbers: dict[str, float | None] = {
        "parameters": result.parameters,
        "flops": result.flops,
        "seconds": result.seconds,
    }
    # The last epoch's metrics are in the curve. Without this, they would be there twice.
    kept = result.final or (result.metrics if names.counts == "final_" else {})
    numbers |= {f"final_{name}": value for name, value in kept.items() if result.final or name == objective.metric}
    values = [epoch.get(objective.metric, math.nan) for epoch in result.curve]
    if numeric := [value for value in values if not math.isnan(value)]:
        numbers[f"best_{objective.metric}"] = max(numeric, key=lambda value: objective.sign * value)
    # A model may have a metric of that name, too. Then both would be one curve.
    own = {name for metrics in result.curve for name in metrics}
    apart = {f"trial_{name}" if name in own else name: value for name, value in numbers.items()}
    return {name: value for name, value in apart.items() if value is not None}


def dataset(data: Mapping[str, Any]) -> list[Any]:
    """Return a list of the data set with its fingerprint. The list is empty if the trial reported no data set."""
    if not {"name", "fingerprint"} <= data.keys():
        return []
    source = json.dumps({"cache": data["name"]})
    profile = json.dumps({"counts": data.get("counts", {}), "sha256": data["fingerprint"]})
    made, digest = entities(), data["fingerprint"][:_LONGEST_DIGEST]
    return [made.DatasetInput(made.Dataset(data["name"], digest, "local", source, profile=profile))]
