"""What a run in the store prints at its end."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, SMOKE, study


def test_run_ends_with_a_table_and_what_to_type_next(smoke: tuple[Path, str]) -> None:
    out = smoke[1]
    assert "running 8 on" in out
    assert "[8/8]" in out
    assert out.count("pooling=global_average") >= 3
    assert "study plot smoke" in out
    assert "study report smoke" in out


def test_a_finished_study_answers_without_what_loads_slowly(smoke: tuple[Path, str]) -> None:
    run = f"import sys; from study.cli import main; status = main(['run', {SMOKE!r}, '--store', {str(smoke[0])!r}])"
    study("run", SMOKE, "--store", str(smoke[0]))  # The store is a copy, so its log is looked at once.
    slow = "{'matplotlib', 'mlflow', 'pandas', 'scipy', 'tensorflow'}"
    command = [sys.executable, "-c", f"{run}; sys.exit(status or sorted({slow} & sys.modules.keys()) or 0)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("nothing to run: all 8 cells of study 'smoke' are there\n")
