"""The same trials of a second, launched by others: Optuna's own processes, and Ray Tune."""

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
    """Have a process for each worker share the trials over a storage, as Optuna's tutorial does; nothing is logged."""
    from tests.benchmarks.launchers import Launch

    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        place = str(Path(folder) / storage)
        study = _open(storage, place)
        ready, spans = spawn.Barrier(workers), spawn.SimpleQueue()
        arguments = storage, place, trials // workers, ready, spans
        processes = [spawn.Process(target=_optimize, args=arguments) for _ in range(workers)]
        for process in processes:
            process.start()
        begins, ends = zip(*(spans.get() for _ in processes), strict=True)
        for process in processes:
            process.join()
        if (done := sum(trial.state.is_finished() for trial in study.trials)) != trials:
            raise RuntimeError(f"Optuna on {storage} finished {done} of {trials} trials")
    return Launch(trials, workers, max(ends) - min(begins))


def _open(storage: Storage, place: str) -> "optuna.Study":
    import optuna
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    kept = JournalStorage(JournalFileBackend(place)) if storage == "journal" else RDBStorage(f"sqlite:///{place}")
    # Random, so that nothing is timed but the launching.
    sampler = optuna.samplers.RandomSampler()
    return optuna.create_study(study_name=_STUDY, storage=kept, sampler=sampler, load_if_exists=True)


def _optimize(storage: Storage, place: str, trials: int, ready: Barrier, spans: Any) -> None:
    """Do a share of the trials once all processes are there; tell when that began and ended."""
    study = _open(storage, place)

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
    """Have Ray Tune run the trials on actors that it uses again; None where it cannot be imported.

    `extras` is a folder with what Ray Tune needs and Ray does not.
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
