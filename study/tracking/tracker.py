"""The log that people browse; the only file that knows an MLflow name, but for its tables: `relocation.py`.

One experiment a study, one parent run in it, one child run a trial. All of it can be made again from the ledger.
"""

import gc
import getpass
import json
import logging
import math
import os
import queue
import re
import sqlite3
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from study.errors import StoreError
from study.files import cut_torn_line
from study.ledger.cell import Claim
from study.ledger.ledger import Ledger
from study.space.search_space import SearchSpace
from study.space.trial import TrialResult, digest
from study.task import Level, describe

if TYPE_CHECKING:  # Importing MLflow takes two seconds.
    from mlflow import MlflowClient

_RUN_STATUS = {
    **dict.fromkeys(("complete", "pruned", "refused", "diverged"), "FINISHED"),
    "failed": "FAILED",
}
_PATIENCE = 3
"""How many trials in a row may fail to be logged before the rest is left to the next start."""
_TURN = 2e-4
"""Seconds for which this thread may keep the loop waiting: Python's own 5 ms cost it that after every file it wrote."""
_CLOSED = "closed"
_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # MLflow sets its own loggers up when it is imported, unless told not to.
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    # A server that is down is asked again for seconds, not for minutes: the next start is there for that.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
}
_PARENT = "study.parent"
_TRIAL = "study.trial"
_UNNAMEABLE = re.compile(r"[^\w\-. :]")
"""What MLflow takes in no metric's name."""


def uri(store: Path) -> str:
    """Where MLflow keeps the runs: MLFLOW_TRACKING_URI where that is set, else a file in the store."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{_database(store)}"


def _embedded() -> bool:
    return not os.environ.get("MLFLOW_TRACKING_URI")


def exists(store: Path) -> bool:
    """Whether anything can have been logged: an embedded store is a file."""
    return not _embedded() or _database(store).exists()


def _database(store: Path) -> Path:
    return store.absolute() / "mlflow.db"


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
        self._list = _List(ledger, store)
        self._waiting: queue.SimpleQueue[tuple[Claim, TrialResult] | None] = queue.SimpleQueue()
        # A daemon, so that a server which never answers cannot keep the command from ending.
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._failures = 0
        self.problem = ""
        """What went wrong with the log, where anything did."""
        for item in ledger.finished(but=self._list.trials):
            self.log(*item)
        if not self._list.closed:
            self._start()

    def log(self, claim: Claim, result: TrialResult) -> None:
        """Log a finished trial soon, without holding up the loop."""
        self._waiting.put((claim, result))
        self._start()

    def close(self) -> None:
        """Wait until everything is logged; Ctrl-C ends the wait and leaves the rest to the next start."""
        self._waiting.put(None)
        try:
            if self._thread.is_alive():
                self._thread.join()
        except KeyboardInterrupt:
            self.problem = self.problem or f"MLflow ({uri(self._store)}): the last trials are not logged yet"

    def _start(self) -> None:
        if self._thread.ident is None:
            sys.setswitchinterval(_TURN)
            self._thread.start()

    def _work(self) -> None:
        with self._survived():
            with _uncollected():
                log = _StudyLog(self._store, self._ledger)
            while self._failures < _PATIENCE and (item := self._waiting.get()):
                with self._survived():  # What MLflow refuses of one trial keeps no other out.
                    log.trial(*item)
                    self._list.add(item[0].trial)
                    self._failures = 0
            log.end(self._ledger.counts())
            self._list.close()

    @contextmanager
    def _survived(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # The log must never stop a study: the ledger has everything.
            self._failures += 1
            self.problem = f"MLflow ({uri(self._store)}) failed: {type(error).__name__}: {error}"


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep what is made here out of the garbage collector's rounds: each of MLflow's million objects, for good.

    Such a round stops every thread of this process, the loop too, for a quarter of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def log_figure(store: Path, study: str, path: Path) -> None:
    """Keep a figure with the study's parent run, where there is one. Raises StoreError where MLflow fails."""
    if not exists(store):
        return
    with told(store):
        client = connect(store)
        experiment = client.get_experiment_by_name(study)
        if experiment and (parents := _parents(client, experiment.experiment_id)):
            client.log_artifact(parents[0], str(path), "figures")


@contextmanager
def told(store: Path) -> Iterator[None]:
    """Raise StoreError where MLflow fails: it says in no other way that it is down."""
    try:
        yield
    except Exception as error:
        raise StoreError(f"MLflow ({uri(store)}) failed: {type(error).__name__}: {error}") from error


def run_of(client: "MlflowClient", ledger: Ledger, trial: int | None, store: Path) -> tuple[str, str | None]:
    """A study's experiment, and the run of a trial where that is logged."""
    experiment = _experiment(client, store, ledger.space)
    for parent in _parents(client, experiment, ledger.id):
        where = f"tags.`mlflow.parentRunId` = '{parent}' AND tags.`{_TRIAL}` = '{trial}'"
        for run in _search(client, experiment, where):
            return experiment, run.info.run_id
    return experiment, None


class _List:
    """The list of the trials that are logged, so that a study with nothing to log need not ask MLflow."""

    def __init__(self, ledger: Ledger, store: Path) -> None:
        # One for each place to log in, so that a new place gets everything.
        self._path = ledger.folder / f"logged-{digest(uri(store))[:8]}"
        if not exists(store):
            self._path.unlink(missing_ok=True)
        # A last line that a dying launcher wrote in part is not counted.
        self._lines = self._path.read_text(encoding="utf-8").split("\n")[:-1] if self._path.exists() else []

    @property
    def trials(self) -> set[int]:
        """Their numbers."""
        return {int(line) for line in self._lines if line.isdecimal()}

    @property
    def closed(self) -> bool:
        """Whether the launcher that wrote it came to its end."""
        return not self._lines or self._lines[-1] == _CLOSED

    def add(self, trial: int) -> None:
        """Say that a trial is logged."""
        self._write(str(trial))

    def close(self) -> None:
        """Say that the parent run was ended too."""
        self._write(_CLOSED)

    def _write(self, line: str) -> None:
        cut_torn_line(self._path)  # Else two numbers would make one, of a trial that was not logged.
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


class _StudyLog:
    """One study's experiment: its parent run, and the trials below it."""

    def __init__(self, store: Path, ledger: Ledger) -> None:
        self._client = connect(store)
        self._space = space = ledger.space
        self._origin = _origin()
        self._experiment = _experiment(self._client, store, space)
        self._parent = self._begin(ledger.id)
        # A study may have grown since it was begun.
        for name, text in {"study.definition": json.dumps(space.to_json()), "mlflow.note.content": note(space)}.items():
            self._client.set_tag(self._parent, name, text)
        self._logged = self._settle()

    def _begin(self, study: str) -> str:
        """The study's parent run, the one that is there or a new one."""
        if not _parents(self._client, self._experiment, study):
            tags = {**self._origin, _PARENT: study}
            self._client.create_run(self._experiment, run_name=self._space.name, tags=tags)
        # A server that dies before it answers is asked again, and may thus begin two.
        parent, *others = _parents(self._client, self._experiment, study)
        for other in others:
            self._client.delete_run(other)
        return parent

    def _settle(self) -> set[str]:
        """The trials that are logged; what a launcher or a server that died left half logged is deleted."""
        logged = set[str]()
        for run in _search(self._client, self._experiment, f"tags.`mlflow.parentRunId` = '{self._parent}'"):
            if trial := run.data.tags.get(_TRIAL):
                if run.info.status in _RUN_STATUS.values():
                    logged.add(trial)
                else:
                    self._client.delete_run(run.info.run_id)
        return logged

    def trial(self, claim: Claim, result: TrialResult) -> None:
        """Log a trial in whole, and once."""
        if str(claim.trial) in self._logged:
            return
        begin = int((time.time() - result.seconds) * 1000)
        tags = {**self._origin, "mlflow.parentRunId": self._parent, **_trial_tags(claim, result)}
        run = self._client.create_run(self._experiment, start_time=begin, tags=tags, run_name=claim.point)
        self._client.log_batch(
            run.info.run_id, metrics=_metrics(result, self._space, begin), params=self._params(claim)
        )
        if {"name", "fingerprint"} <= result.data.keys():
            self._client.log_inputs(run.info.run_id, [_dataset(result.data)])
        self._client.set_terminated(run.info.run_id, _RUN_STATUS[result.state])
        self._logged.add(str(claim.trial))

    def _params(self, claim: Claim) -> list[Any]:
        from mlflow.entities import Param

        levels = claim.config.levels()
        return [Param(factor.name, describe(levels[factor.name])) for factor in self._space.factors]

    def end(self, counts: Mapping[str, int]) -> None:
        """Say on the parent run how the study stands."""
        self._settle()
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
            f"{' and '.join(map(str, space.objectives))}; {len(space.seeds)} seed(s); "
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


def keep_quiet() -> None:
    """Have MLflow neither talk nor wait for long; before it is imported."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)


def connect(store: Path) -> "MlflowClient":
    """MLflow's client; an embedded store is made where there is none."""
    keep_quiet()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        if _embedded():
            _make(_database(store))
        return MlflowClient(tracking_uri=uri(store))


def _make(database: Path) -> None:
    """Make an empty database, whole or not at all: one whose making is disturbed is broken for good."""
    from mlflow import MlflowClient

    with filelock.FileLock(database.with_name("mlflow.lock")):
        if not database.exists():
            draft = database.with_name("mlflow.db.tmp")
            draft.unlink(missing_ok=True)
            for ending in ("-wal", "-shm"):  # A removed database's, which SQLite would take for the new one's.
                database.with_name(database.name + ending).unlink(missing_ok=True)
            MlflowClient(tracking_uri=f"sqlite:///{draft}").search_experiments(max_results=1)
            draft.replace(database)
    # What cannot be opened MLflow would try to open for a hundred seconds.
    with closing(sqlite3.connect(database)) as connection:
        # For good: a trial is logged in two thirds of the time, and whoever reads meanwhile holds nobody up.
        connection.execute("PRAGMA journal_mode = WAL")


def _experiment(client: "MlflowClient", store: Path, space: SearchSpace) -> str:
    if known := client.get_experiment_by_name(space.name):
        if known.lifecycle_stage == "deleted":
            client.restore_experiment(known.experiment_id)
        return str(known.experiment_id)
    place = (store.absolute() / "artifacts" / space.name).as_uri() if _embedded() else None
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


def _parents(client: "MlflowClient", experiment: str, study: str = "%") -> list[str]:
    """The parent runs of a study, or of all studies of that name; the one that was begun last first."""
    return [str(run.info.run_id) for run in _search(client, experiment, f"tags.`{_PARENT}` LIKE '{study}'")]


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
        "drawn": claim.drawn,
        "failure": result.failure,
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

    def metric(name: str, value: float, epoch: int) -> Metric:
        when = begin + int(result.seconds * 1000 * epoch / max(epochs, 1))
        return Metric(_UNNAMEABLE.sub("_", name), value, when, epoch)

    epochs, objective = len(result.curve), space.objective
    single: dict[str, float | None] = {f"final_{name}": value for name, value in result.metrics.items()}
    values = [metrics.get(objective.metric, math.nan) for metrics in result.curve]
    if known := [value for value in values if not math.isnan(value)]:
        single[f"best_{objective.metric}"] = max(known, key=lambda value: objective.sign * value)
    single |= {"parameters": result.parameters, "flops": result.flops, "seconds": result.seconds}
    return [
        *(metric(*item, epoch) for epoch, metrics in enumerate(result.curve, start=1) for item in metrics.items()),
        *(metric(name, value, epochs) for name, value in single.items() if value is not None),
    ]


def _dataset(data: Mapping[str, Any]) -> Any:
    from mlflow.entities import Dataset, DatasetInput

    source = json.dumps({"cache": data["name"]})
    profile = json.dumps({"counts": data.get("counts", {}), "sha256": data["fingerprint"]})
    # MLflow keeps at most 36 characters of a digest.
    return DatasetInput(Dataset(data["name"], data["fingerprint"][:36], "local", source, profile=profile))
