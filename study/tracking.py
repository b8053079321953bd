"""The log that people browse; the only file that knows an MLflow name.

One experiment a study, one parent run in it, one child run a trial. All of it can be made again from the ledger.
"""

import getpass
import json
import logging
import os
import queue
import subprocess
import threading
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from study.ledger import Claim, Ledger
from study.space import SearchSpace
from study.task import Level, describe
from study.trial import TrialResult

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

_RUN_STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "diverged": "FINISHED", "failed": "FAILED"}
_PARENT = "study.parent"
_TRIAL = "study.trial"


def uri(store: Path) -> str:
    """Where MLflow keeps the runs: MLFLOW_TRACKING_URI where that is set, else a file in the store."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{store.absolute() / 'mlflow.db'}"


def ui_command(store: Path, *, host: str, port: int) -> tuple[list[str], dict[str, str]]:
    """The command that serves MLflow's pages on the store, and the environment it needs."""
    where = ["--backend-store-uri", uri(store), "--default-artifact-root", (store / "artifacts").as_uri()]
    # One worker and no job runner: two processes in place of ten.
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return ["-m", "mlflow", "ui", *where, "--host", host, "--port", str(port), "--workers", "1"], quiet


class MlflowTracker:
    """Logs finished trials in a thread of its own; what could not be logged now is logged at the next start."""

    def __init__(self, ledger: Ledger, store: Path) -> None:
        self._ledger = ledger
        self._store = store
        self._done = ledger.folder / "logged"
        self._waiting: queue.Queue[tuple[Claim, TrialResult] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why logging stopped, where it did."""
        for item in _unlogged(ledger, self._done):
            self.log(*item)

    def log(self, claim: Claim, result: TrialResult) -> None:
        """Log a finished trial soon, without holding up the loop."""
        self._waiting.put((claim, result))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="mlflow")
            self._thread.start()

    def close(self) -> None:
        """Wait until everything is logged."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join()

    def _work(self) -> None:
        try:
            log = _StudyLog(self._store, self._ledger.space)
            while (item := self._waiting.get()) is not None:
                log.trial(*item)
                with self._done.open("a", encoding="utf-8") as file:
                    file.write(f"{item[0].trial}\n")
            log.end(_counts(self._ledger))
        except Exception as error:  # The log must never stop a study: the ledger has everything.
            self.problem = f"MLflow ({uri(self._store)}) failed: {type(error).__name__}: {error}"


def log_figure(store: Path, study: str, path: Path) -> None:
    """Keep a figure with the study's parent run, where there is one."""
    client = _client(store)
    if (experiment := client.get_experiment_by_name(study)) and (parent := _parent(client, experiment.experiment_id)):
        client.log_artifact(parent, str(path), "figures")


def _unlogged(ledger: Ledger, done: Path) -> list[tuple[Claim, TrialResult]]:
    logged = set(done.read_text(encoding="utf-8").split()) if done.exists() else set()
    return [(claim, result) for claim, result in ledger.finished() if str(claim.trial) not in logged]


def _counts(ledger: Ledger) -> dict[str, int]:
    states = [cell.state for cell in ledger.cells()]
    return {state: states.count(state) for state in dict.fromkeys(states)}


class _StudyLog:
    """One study's experiment: its parent run, and the trials below it."""

    def __init__(self, store: Path, space: SearchSpace) -> None:
        self._client = _client(store)
        self._space = space
        self._experiment = _experiment(self._client, store, space)
        self._parent = _parent(self._client, self._experiment) or self._begin()
        known = _search(self._client, self._experiment, f"tags.`mlflow.parentRunId` = '{self._parent}'")
        self._logged = {run.data.tags[_TRIAL]: run.info for run in known}

    def _begin(self) -> str:
        space = self._space
        tags = {
            **_origin(),
            _PARENT: "true",
            "study.definition": json.dumps(space.to_json()),
            "mlflow.note.content": note(space),
        }
        run = self._client.create_run(self._experiment, run_name=space.name, tags=tags)
        return str(run.info.run_id)

    def trial(self, claim: Claim, result: TrialResult) -> None:
        """Log a trial in whole, once: what a launcher that died left half logged is taken away first."""
        if old := self._logged.get(str(claim.trial)):
            if old.status in _RUN_STATUS.values():
                return
            self._client.delete_run(old.run_id)
        begin = int((time.time() - result.seconds) * 1000)
        tags = {**_origin(), "mlflow.parentRunId": self._parent, **_trial_tags(claim, result)}
        run = self._client.create_run(self._experiment, start_time=begin, tags=tags, run_name=claim.point)
        self._client.log_batch(
            run.info.run_id, metrics=_metrics(result, self._space, begin), params=self._params(claim)
        )
        if result.data:
            self._client.log_inputs(run.info.run_id, [_dataset(result.data)])
        self._client.set_terminated(run.info.run_id, _RUN_STATUS[result.state])
        self._logged[str(claim.trial)] = self._client.get_run(run.info.run_id).info

    def _params(self, claim: Claim) -> list[Any]:
        from mlflow.entities import Param

        levels = claim.config.levels()
        return [Param(factor.name, describe(levels[factor.name])) for factor in self._space.factors]

    def end(self, counts: Mapping[str, int]) -> None:
        """Say on the parent run how the study stands."""
        for state, number in counts.items():
            self._client.log_metric(self._parent, f"cells_{state}", number)
        over = not counts.get("missing") and not counts.get("running")
        self._client.set_terminated(self._parent, "FINISHED" if over else "KILLED")


def note(space: SearchSpace) -> str:
    """What the study is, for the description of its parent run (Markdown)."""
    rows = [
        f"| {f.name} | {describe(space.config({}, seed=0).levels()[f.name])} | {_levels(f.levels)} |"
        for f in space.factors
    ]
    fidelity = space.fidelity
    return "\n".join(
        [
            space.description or f"The study {space.name}.",
            "",
            f"{space.design.kind} of task {space.task} (version {space.task_version}); "
            f"{space.objective.direction} {space.objective.metric}; {len(space.seeds)} seed(s); "
            f"{fidelity.epochs} epochs on {fidelity.train_examples:,} examples, "
            f"validated on {fidelity.validation_examples:,}.",
            "",
            "| factor | baseline | levels |",
            "|---|---|---|",
            *rows,
        ]
    )


def _levels(levels: Any) -> str:
    return ", ".join(map(describe, levels)) if isinstance(levels, tuple) else f"{levels.low} to {levels.high}"


def _client(store: Path) -> "MlflowClient":
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # MLflow sets its own loggers up when it is imported, unless told not to.
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        return MlflowClient(tracking_uri=uri(store))


def _experiment(client: "MlflowClient", store: Path, space: SearchSpace) -> str:
    if known := client.get_experiment_by_name(space.name):
        return str(known.experiment_id)
    embedded = "MLFLOW_TRACKING_URI" not in os.environ
    place = (store.absolute() / "artifacts" / space.name).as_uri() if embedded else None
    tags = {"mlflow.experimentKind": "custom_model_development", "mlflow.note.content": space.description}
    return str(client.create_experiment(space.name, artifact_location=place, tags=tags))


def _search(client: "MlflowClient", experiment: str, where: str) -> list[Any]:
    found: list[Any] = []
    token = None
    while True:
        page = client.search_runs([experiment], filter_string=where, max_results=1000, page_token=token)
        found += page
        if not (token := page.token):
            return found


def _parent(client: "MlflowClient", experiment: str) -> str | None:
    runs = _search(client, experiment, f"tags.`{_PARENT}` = 'true'")
    return str(runs[0].info.run_id) if runs else None


def _origin() -> dict[str, str]:
    """Who ran what: MLflow's fluent interface adds these tags, its client does not."""
    tags = {"mlflow.source.name": "study run", "mlflow.source.type": "LOCAL"}
    with suppress(OSError, KeyError):  # A container may have no name for its user.
        tags["mlflow.user"] = getpass.getuser()
    with suppress(OSError, subprocess.SubprocessError):
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=5)
        tags["mlflow.source.git.commit"] = commit.stdout.strip()
    return tags


def _trial_tags(claim: Claim, result: TrialResult) -> dict[str, str]:
    config = claim.config
    settings: Mapping[str, Level] = {**config.settings, **vars(config.fidelity), "seed": config.seed}
    tags = {
        _TRIAL: str(claim.trial),
        "key": config.key,
        "point": claim.point,
        "state": result.state,
        "phase": claim.phase,
        "reason": result.reason,
        "vary": ", ".join(config.vary),
        **{f"setting.{name}": describe(value) for name, value in settings.items()},
        **{f"environment.{name}": str(value) for name, value in result.environment.items()},
        "data.fingerprint": str(result.data.get("fingerprint", "")),
    }
    return {name: text[:5000] for name, text in tags.items() if text}


def _metrics(result: TrialResult, space: SearchSpace, begin: int) -> list[Any]:
    """Every epoch's metrics, then the last and the best value of each on its own, for tables that show one number."""
    from mlflow.entities import Metric

    epochs = len(result.curve)
    metrics = []
    for epoch, values in enumerate(result.curve, start=1):
        when = begin + int(result.seconds * 1000 * epoch / epochs)
        metrics += [Metric(name, value, when, epoch) for name, value in values.items()]
    single: dict[str, float | None] = {f"final_{name}": value for name, value in result.metrics.items()}
    objective = [values[space.objective.metric] for values in result.curve if space.objective.metric in values]
    if objective:
        single[f"best_{space.objective.metric}"] = max(objective, key=lambda value: space.objective.sign * value)
    single |= {"parameters": result.parameters, "flops": result.flops, "seconds": result.seconds}
    end = begin + int(result.seconds * 1000)
    return metrics + [Metric(name, value, end, epochs) for name, value in single.items() if value is not None]


def _dataset(data: Mapping[str, Any]) -> Any:
    from mlflow.entities import Dataset, DatasetInput

    source = json.dumps({"cache": data["name"]})
    profile = json.dumps({"counts": data.get("counts", {}), "sha256": data["fingerprint"]})
    # MLflow keeps at most 36 characters of a digest.
    return DatasetInput(Dataset(data["name"], data["fingerprint"][:36], "local", source, profile=profile))
