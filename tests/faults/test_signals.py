"""Signals of terminals and schedulers, which reach every process of a job, are nobody's failure."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from study.engines.stop_signals import STOP_SIGNALS
from tests.conftest import ROOT, SMOKE
from tests.faults.ballistics import space
from tests.faults.site import Site, wait_until, workers_of
from tests.toy_task import DEPTH, POOLING

SPACE = space(DEPTH, POOLING)


def test_a_signal_to_every_process_of_a_job_ends_the_run_with_its_epochs(tmp_path: Path) -> None:
    site = Site(tmp_path, SPACE)
    for number in STOP_SIGNALS:
        with site.start("--workers", "2") as launcher:
            done = site.progress
            wait_until(lambda: site.progress > done)  # noqa: B023  It is called at once.
            for process in (*workers_of(launcher.pid), launcher.pid):  # Some schedulers go through a list.
                os.kill(process, number)
            os.killpg(launcher.pid, number)  # And `timeout` sends it to the whole group after that.
            assert launcher.wait(timeout=60) == 130
    assert site.run("--workers", "2") == ""
    site.check()
    assert not site.reasons()
    assert site.work.lost() == 0


def test_a_signal_while_a_worker_starts_is_nobody_s_failure(tmp_path: Path) -> None:
    site = Site(tmp_path, SPACE)
    with site.start("--workers", "2") as launcher:
        wait_until(lambda: len(workers_of(launcher.pid)) == 2)
        os.killpg(launcher.pid, signal.SIGTERM)
        assert launcher.wait(timeout=60) == 130
    assert not site.reasons()


def test_a_job_that_is_stopped_for_longer_than_a_trial_may_take_goes_on(tmp_path: Path) -> None:
    site = Site(tmp_path, space(POOLING, trial_timeout=1.5))
    with site.start("--workers", "2") as launcher:
        wait_until(lambda: site.progress)
        os.killpg(launcher.pid, signal.SIGSTOP)
        time.sleep(2.5)
        os.killpg(launcher.pid, signal.SIGCONT)
        assert launcher.wait(timeout=60) == 0
    site.check()
    assert not site.reasons()


def test_a_terminal_that_is_closed_ends_the_run_with_its_epochs(tmp_path: Path) -> None:
    site = Site(tmp_path, SPACE)
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(ROOT)
        os.execve(sys.executable, site.command("--workers", "2"), site.environment)
    wait_until(lambda: site.progress)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    assert not site.reasons()
    assert site.run() == ""
    site.check()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["-sTERM", "-sINT", "-sHUP"])
def test_timeout_ends_the_command_with_the_epoch(how: str, tmp_path: Path) -> None:
    command = ["timeout", "--preserve-status", how, "9", sys.executable, "-m", "study", "run", SMOKE]
    for _ in range(3):  # The third failure of a cell would be its last.
        done = subprocess.run(
            [*command, "--store", str(tmp_path / "store")], cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        assert done.returncode in (0, 130), done.stderr
        assert "Traceback" not in done.stderr
        assert "failed" not in done.stdout
