"""Fixtures that several tests share: a cache of their own, and one small study that really ran."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest

from study.space.matched_points import MatchedPoints
from study.space.toml_file import read
from study.tracking.relocate import relocate

ROOT = Path(__file__).parent.parent
SMOKE = "search_spaces/smoke.toml"
SMOKE_COUNTS = {"complete": 8, "running": 0, "pruned": 0, "refused": 0, "diverged": 0, "failed": 0, "missing": 0}


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's own cache or store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_CACHE", str(tmp_path_factory.mktemp("cache")))
        # A report at the end of every study would take seconds each. tests/report/ makes some.
        patch.setenv("STUDY_REPORT", "never")
        for name in ("STUDY_STORE", "MLFLOW_TRACKING_URI"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(autouse=True, scope="session")
def _known_sizes(_own_cache: None) -> None:
    """The cache knows the sizes that a shipped file asks for: to build these forty models takes a minute."""
    known = json.loads((ROOT / "tests" / "samples" / "qr_depth_matched.sizes.json").read_text(encoding="utf-8"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MatchedPoints, "_asked", lambda points: known)
        read(ROOT / "search_spaces" / "qr_depth_matched.toml")


@pytest.fixture(autouse=True, scope="session")
def _hears_signals() -> None:
    """A shell or `nohup` that runs the tests in the background makes them, and all they start, deaf to some signals."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store in which smoke.toml ran as a user runs it, and the output of that run.

    Processes of tests that run side by side share the run. Each works in its own copy of the store.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    first, printed = folder / "smoke", folder / "smoke.txt"
    with filelock.FileLock(folder / "smoke.lock"):
        if not printed.exists():
            printed.write_text(study("run", SMOKE, "--store", str(first)), encoding="utf-8")
    store = Path(shutil.copytree(first, tmp_path_factory.mktemp("copied") / "store"))
    relocate(store)
    return store, printed.read_text(encoding="utf-8").replace(str(first), str(store))


def study(*arguments: str, status: int = 0) -> str:
    """Returns the output of the command `study` in a process of its own. Its exit status must be `status`."""
    command = [sys.executable, "-m", "study", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, env=dict(os.environ))
    assert done.returncode == status, f"exit {done.returncode}:\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout if status == 0 else done.stdout + done.stderr


def without_sums(lines: str) -> str:
    """Returns the lines of a journal or of records as earlier versions wrote them: without their checksums."""
    return re.sub(r',"sum":"[0-9a-f]{16}"\}$', "}", lines, flags=re.MULTILINE)


def export_smoke(store: Path, name: str, *options: str) -> Path:
    """Returns the table of the study `smoke`, exported into its store under this name."""
    out = store / name
    study("export", "smoke", "--out", str(out), "--store", str(store), *options)
    return out
