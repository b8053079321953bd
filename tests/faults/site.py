"""A study in a store of its own, and checks that must hold after any damage to its processes and files."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from optuna.trial import FrozenTrial, TrialState

from study.engines.cell_folder import CURVE, LOG, WEIGHTS
from study.ledger import optuna_journal, store
from study.ledger.ledger import Ledger
from study.ledger.tables import epochs, table
from study.space.search_space import SearchSpace
from study.space.trial import WITH_CURVE
from study.tracking.connection import connect
from study.tracking.mlflow_names import six_digits
from tests.conftest import ROOT
from tests.faults.trial import WORK, Work

_STUDY_FILES = ("cells", "lock", "owner", store.JOURNAL)


class Site:
    """A study in a store of its own."""

    def __init__(self, folder: Path, space: SearchSpace) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.space = space
        self.folder = folder
        self.store = folder / "store"
        self.study = store.study_folder(self.store, space.name)
        self.complaints = folder / "stderr"
        self._space = folder / "space.json"
        self._space.write_text(json.dumps(space.to_json()))
        self._work = folder / "work"

    # Running it

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start a launcher in a process group of its own. It prints `ready` when it begins."""
        with self.complaints.open("a") as complaints:
            return subprocess.Popen(
                self.command(*options),
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
                start_new_session=True,
            )

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "tests.faults.launcher", str(self.store), str(self._space), *options]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, WORK: str(self._work)}

    def run(self, *options: str, status: int = 0) -> str:
        """Run a launcher to its end, and assert its exit status. Returns what it wrote to stderr."""
        self.complaints.unlink(missing_ok=True)
        with self.start(*options) as launcher:
            launcher.wait(timeout=120)
        errors = self.complaints.read_text()
        assert launcher.returncode == status, f"exit {launcher.returncode}:\n{errors}"
        return errors

    # Its state

    @property
    def work(self) -> Work:
        return Work.read(self._work)

    @property
    def ledger(self) -> Ledger:
        return Ledger.read(self.store, self.space.name)

    @property
    def trials(self) -> list[FrozenTrial]:
        """All trials of Optuna's study, in the order of their numbers."""
        study = optuna_journal.load(self.study)
        return [] if study is None else study.get_trials(deepcopy=False)

    @property
    def progress(self) -> int:
        """A number that grows with every epoch."""
        return self._work.stat().st_size if self._work.exists() else 0

    def counts(self) -> Counter[str]:
        """Return the number of cells in each state, without the states that no cell is in."""
        return +self.ledger.counts()

    def tables(self) -> str:
        """Return the exported tables of cells and epochs, without what depends on the clock and on failed trials."""
        ledger = self.ledger
        cells = table(ledger)
        timeless = cells[[name for name in cells if name not in ("seconds", "trial") and "timing." not in str(name)]]
        return f"{timeless.to_csv(index=False)}\n{epochs(ledger).to_csv(index=False)}"

    def curves(self) -> dict[str, bytes]:
        """Return the curve of each cell as the bytes on disk, by the cell's folder."""
        return {path.parent.name: path.read_bytes() for path in self.study.glob("cells/*/curve.jsonl")}

    def check(self) -> None:
        """Assert that the study is over, that nothing was done twice, and that no file is left over."""
        states = {cell.state for cell in self.ledger.cells()}
        assert states <= set(WITH_CURVE), self.counts()
        assert not self.counts()["missing"]
        assert self.duplicates() == 0
        assert {trial.state for trial in self.trials} <= {TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL}
        assert _names(self.study) <= {*_STUDY_FILES, *(path.name for path in self.study.glob("logged-*"))}
        for cell in self.ledger.cells():
            names = _names(self.ledger.cell_folder(cell.config))
            assert {CURVE} <= names <= {CURVE, LOG, WEIGHTS}, f"trial {cell.trial}: {names}"

    def check_log(self) -> None:
        """Assert that MLflow has every trial with a result once, and that no run is still marked as running."""
        client = connect(self.store)
        experiment = client.get_experiment_by_name(self.space.name)
        assert experiment is not None
        runs = client.search_runs([experiment.experiment_id], max_results=5_000)
        (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
        assert {run.info.status for run in runs} <= {"FINISHED", "FAILED"}
        assert parent.info.status == "FINISHED"
        counts = {name: number for name, number in parent.data.metrics.items() if name.startswith("cells_") and number}
        assert counts == {f"cells_{state}": number for state, number in self.counts().items() if number}
        logged = {int(run.data.tags["study.trial"]): run.data.metrics for run in runs if run is not parent}
        assert len(logged) == len(runs) - 1
        finished = {trial.number: result for trial, result in self.ledger.finished()}
        assert logged.keys() == finished.keys()
        for trial, result in finished.items():
            final = {name: six_digits(value) for name, value in result.metrics.items()}
            assert final.items() <= logged[trial].items()

    def duplicates(self) -> int:
        """Return the number of trials whose cell was over before they began."""
        over: set[str] = set()
        again = 0
        for trial in self.trials:
            key = trial.user_attrs["cell"]["key"]
            again += key in over
            if trial.user_attrs.get("result", {}).get("state") in WITH_CURVE:
                over.add(key)
        return again

    def reasons(self) -> Counter[str]:
        """Return how many trials failed for each reason."""
        results = [trial.user_attrs["result"] for trial in self.trials if "result" in trial.user_attrs]
        return Counter(result["reason"] for result in results if result["state"] == "failed")


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def workers_of(pid: int) -> list[int]:
    """Return the process ids of a launcher's workers."""
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:  # One of them is just ending.
        return []


def gone(pid: int) -> bool:
    """Whether a process has ended. It may be a zombie, whose exit status nobody has read."""
    return _state(pid) == "Z"


def halted(pid: int) -> bool:
    """Whether a process does nothing more: it was stopped, or has ended."""
    return _state(pid) in "TZ"


def _state(pid: int) -> str:
    """Returns the letter of a process's state, Z if there is no such process."""
    state = Path(f"/proc/{pid}/stat")
    return state.read_text().rpartition(")")[2].split()[0] if state.exists() else "Z"


def kill(pid: int) -> bool:
    """Kill a process. Returns whether there was one."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
