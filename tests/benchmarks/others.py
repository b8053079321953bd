"""Launches the same trials of a second with other tools: Optuna in several processes, and Ray Tune."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tests.benchmarks import naps
from tests.conftest import ROOT

if TYPE_CHECKING:
    import optuna

    from tests.benchmarks.launchers import Launch

Storage = Literal["journal", "sqlite"]
_STUDY = "naps"


def optuna_processes(trials: int, workers: int, *, storage: Storage) -> "Launch":
    """Start a process for each worker. They share the trials through a storage, as in Optuna's tutorial.

    Nothing is logged.
    """
    from tests.benchmarks.launchers import Launch

    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / storage)
        study = _open(storage, file)
        ready, spans = spawn.Barrier(workers), spawn.SimpleQueue()
        arguments = storage, file, trials // workers, ready, spans
        processes = [spawn.Process(target=_optimize, args=arguments) for _ in range(workers)]
        for process in processes:
            process.start()
        begins, ends = zip(*(spans.get() for _ in processes), strict=True)
        for process in processes:
            process.join()
        if (done := sum(trial.state.is_finished() for trial in study.trials)) != trials:
            raise RuntimeError(f"Optuna on {storage} finished {done} of {trials} trials")
    return Launch(trials, workers, max(ends) - min(begins))


def _open(storage: Storage, file: str) -> "optuna.Study":
    import optuna
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    opened = JournalStorage(JournalFileBackend(file)) if storage == "journal" else RDBStorage(f"sqlite:///{file}")
    # Random, so that only the launching takes time.
    sampler = optuna.samplers.RandomSampler()
    return optuna.create_study(study_name=_STUDY, storage=opened, sampler=sampler, load_if_exists=True)


def _optimize(storage: Storage, file: str, trials: int, ready: Barrier, spans: Any) -> None:
    """Run a share of the trials as soon as all processes are ready. Puts the times of its begin and end in `spans`."""
    study = _open(storage, file)

    def nap(trial: "optuna.Trial") -> float:
        level = trial.suggest_int("place", 0, 15)
        for epoch in range(1, naps.EPOCHS + 1):
            time.sleep(naps.SECONDS / naps.EPOCHS)
            trial.report(level / epoch, step=epoch)
        return float(level)

    ready.wait()
    begin = time.time()
    study.optimize(nap, n_trials=trials)
    spans.put((begin, time.time()))


def ray_tune(trials: int, workers: int, *, extras: Path | None) -> "Launch | None":
    """Run the trials with Ray Tune, which uses its actors again. Returns None if it cannot be imported.

    `extras` is a folder with the packages that Ray Tune needs in addition to Ray.
    """
    from tests.benchmarks.launchers import Launch

    paths = [str(extras.absolute()) if extras else "", os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.ray_tune", str(trials), str(workers)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = json.loads(done.stdout.splitlines()[-1])
    return None if seconds is None else Launch(trials, workers, seconds)
