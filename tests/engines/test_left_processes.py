"""The processes that a worker's task leaves behind are ended, and no others."""

import os
import subprocess
from pathlib import Path

from study.engines.left_processes import MARK, end_left_processes, new_mark
from study.engines.local import LocalEngine
from tests.engines.test_local import gone, one


def sleeping(**environment: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", "600"], env={**os.environ, **environment}, start_new_session=True)


def test_processes_with_the_mark_are_ended() -> None:
    mark, other = new_mark(), new_mark()
    marked, unmarked = sleeping(**{MARK: mark}), sleeping(**{MARK: other})
    try:
        end_left_processes([])
        end_left_processes([mark])
        assert marked.wait(timeout=20) == -9
        assert unmarked.poll() is None
    finally:
        for process in (marked, unmarked):
            process.kill()
            process.wait()


def test_a_dead_worker_is_noticed_though_a_forked_process_holds_its_pipe(tmp_path: Path) -> None:
    engine = LocalEngine("tests.trial_functions:forking")
    try:
        _, result = one(engine, tmp_path)
        assert (result.state, result.failure) == ("failed", "worker")
        assert result.reason == "the worker died (killed by SIGKILL)"
        assert gone(int((tmp_path / "pid").read_text()))
    finally:
        engine.close()
