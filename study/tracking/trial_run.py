"""The tags, params, metrics and data set that MLflow shows for one trial."""

import json
import math
from collections.abc import Mapping
from typing import Any

from study.ledger.cell import Trial
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialResult
from study.task import Level, describe
from study.tracking.experiment import TRIAL_TAG
from study.tracking.mlflow_names import mlflow_name, shortened

# MLflow's entities are imported where they are made: the launcher must start without waiting two seconds for MLflow.

RUN_STATUS = {
    **dict.fromkeys(("complete", "pruned", "refused", "diverged"), "FINISHED"),
    "failed": "FAILED",
}
"""MLflow's status of a run, by the state of its trial."""
_LONGEST_TAG = 5000
_LONGEST_PARAM = 6000
_LONGEST_DIGEST = 36


def tags(trial: Trial, result: TrialResult) -> dict[str, str]:
    """Return the tags of a trial's run. Empty ones are left out."""
    config = trial.config
    levels: Mapping[str, Level] = {**config.settings, "seed": config.seed}
    settings = {**{name: describe(level) for name, level in levels.items()}, **config.fidelity.texts()}
    texts = {
        TRIAL_TAG: str(trial.number),
        "key": config.key,
        "point": trial.point,
        "state": result.state,
        "phase": trial.phase,
        "drawn": trial.origin,
        "failure": result.failure,
        "reason": result.reason,
        "vary": ", ".join(config.vary),
        **{f"setting.{name}": text for name, text in settings.items()},
        **{f"environment.{name}": str(value) for name, value in result.environment.items()},
        "data.fingerprint": str(result.data.get("fingerprint", "")),
    }
    return {mlflow_name(name): shortened(text, most=_LONGEST_TAG) for name, text in texts.items() if text}


def params(trial: Trial, space: SearchSpace) -> list[Any]:
    """Return the factors' levels, and nothing else: MLflow's parallel coordinates draw an axis for every param."""
    from mlflow.entities import Param

    levels = {factor.name: describe(trial.config.levels()[factor.name]) for factor in space.factors}
    return [Param(mlflow_name(name), shortened(text, most=_LONGEST_PARAM)) for name, text in levels.items()]


def metrics(result: TrialResult, space: SearchSpace, begin: int) -> list[Any]:
    """Return every epoch's metrics, and then the single numbers of the trial, which MLflow's tables show.

    The trial began at `begin`, in milliseconds.
    """
    from mlflow.entities import Metric

    epochs = len(result.curve)

    def metric(name: str, value: float, epoch: int) -> Metric:
        when = begin + int(result.seconds * 1000 * epoch / max(epochs, 1))
        return Metric(mlflow_name(name), value, when, epoch)

    curves = [
        metric(name, value, epoch)
        for epoch, values in enumerate(result.curve, start=1)
        for name, value in values.items()
    ]
    return [*curves, *(metric(name, value, epochs) for name, value in _single_numbers(result, space).items())]


def _single_numbers(result: TrialResult, space: SearchSpace) -> Metrics:
    """Return the last value of every metric, the best value of the objective, and the model's size and cost."""
    objective = space.objective
    sizes = {"parameters": result.parameters, "flops": result.flops, "seconds": result.seconds}
    numbers: dict[str, float | None] = {f"final_{name}": value for name, value in result.metrics.items()}
    values = [epoch.get(objective.metric, math.nan) for epoch in result.curve]
    if numeric := [value for value in values if not math.isnan(value)]:
        numbers[f"best_{objective.metric}"] = max(numeric, key=lambda value: objective.sign * value)
    # A model may have a metric of that name, too. Then both would be one curve.
    own = {name for metrics in result.curve for name in metrics}
    apart = {f"trial_{name}" if name in own else name: value for name, value in (numbers | sizes).items()}
    return {name: value for name, value in apart.items() if value is not None}


def dataset(data: Mapping[str, Any]) -> list[Any]:
    """Return a list of the data set with its fingerprint. The list is empty if the trial reported no data set."""
    from mlflow.entities import Dataset, DatasetInput

    if not {"name", "fingerprint"} <= data.keys():
        return []
    source = json.dumps({"cache": data["name"]})
    profile = json.dumps({"counts": data.get("counts", {}), "sha256": data["fingerprint"]})
    digest = data["fingerprint"][:_LONGEST_DIGEST]
    return [DatasetInput(Dataset(data["name"], digest, "local", source, profile=profile))]
