"""`study retry`."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, study

BROKEN = """        import pathlib
        import keras

        if settings["layers"] == 2 and not pathlib.Path(__file__).with_name("mended").exists():
            raise ValueError("mine")
        model"""


@pytest.mark.slow
def test_retry_runs_again_what_failed_for_good(smoke: tuple[Path, str], tmp_path: Path) -> None:
    assert "no cell of study 'smoke' failed for good" in study("retry", "smoke", "--store", str(smoke[0]))
    for name in ("handwritten.py", "handwritten.toml"):
        (tmp_path / name).write_text((ROOT / "tests" / name).read_text())
    toml, task, store = tmp_path / "handwritten.toml", tmp_path / "handwritten.py", str(tmp_path / "store")
    toml.write_text("max_retries = 0\n" + toml.read_text().replace("seeds = 2", "seeds = 1"))
    # The code stays the same when the cause of the failure is gone.
    task.write_text(task.read_text().replace("        import keras\n\n        model", BROKEN))
    out = study("run", str(toml), "--store", store, status=1)
    assert "1 of 4 cells failed for good" in out
    status = study("status", "handwritten", "--store", store)
    assert "failed (exception): ValueError: mine (handwritten.py, line " in status
    key = re.findall(r"^([0-9a-f]{12})  layers=2", status, flags=re.MULTILINE)[0]
    shown = study("show", "handwritten", key, "--store", store)
    assert shown.index("In the task:\n  File ") < shown.index("All of it:")
    assert study("run", str(toml), "--store", store, status=1).startswith("nothing to run")
    (tmp_path / "mended").touch()
    assert "running 1 on" in study("retry", "handwritten", "--store", store)
