"""A worker finds the packages of this project, of Keras and of Python, whatever the user's files are called.

The script that starts it has no `if __name__ == "__main__":`, because a worker must not run it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

_LAUNCHER = """
import os, sys
from pathlib import Path
from study.engines.local import LocalEngine
from study.space.user_modules import search_behind
from tests.engines.test_local import config, listen
before = dict(os.environ), list(sys.path)
search_behind(Path.cwd())
engine = LocalEngine("tests.engines.disturbing:look", environment={"WORD": "given"})
before = dict(os.environ), list(sys.path)
try:
    engine.submit(0, config(), Path.cwd() / "cell")
    assert (dict(os.environ), list(sys.path)) == before
    result = listen(engine, 1)[0][-1].result
finally:
    engine.close()
environment = dict(result.environment["environment"])
print(result.state, environment["WORD"], environment["PYTHONHASHSEED"], environment["PYTHONSAFEPATH"] or "as ever")
print(result.environment["path"][-1] == str(Path.cwd()))
"""


@pytest.mark.parametrize("name", ["study", "random", "json", "multiprocessing", "keras", "pickle"])
def test_a_file_of_the_user_hides_no_package(name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    (tmp_path / "launcher").mkdir()
    script = tmp_path / "launcher" / "launcher.py"
    script.write_text(_LAUNCHER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.stdout.splitlines() == ["complete given 0 as ever", "True"], done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("package", ["study", "analysis"])
def test_a_package_run_by_its_name_finds_pythons_own_modules(package: str, tmp_path: Path) -> None:
    for name in ("random", "json", "argparse", "numpy", "dataclasses"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", package, "--help"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: ")
