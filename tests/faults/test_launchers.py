"""Two launchers of one study, a clock that jumps, and workers that sleep."""

import os
import platform
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import study
from tests.faults.ballistics import space
from tests.faults.site import Site, gone, wait_until, workers_of
from tests.faults.test_disk import FILE
from tests.toy_task import DEPTH, NORM, POOLING

SPACE = space(DEPTH, POOLING, seeds=(0, 1))
DOZING = ("--function", "tests.faults.trial:dozing")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("undisturbed"), SPACE)
    site.run("--workers", "2")
    return site


def owner(pid: int) -> str:
    """Return the error of a second launcher while the launcher with this process id runs."""
    return f"study 'played' is being run by process {pid} on {platform.node()}; wait for it or stop it\n"


def test_the_second_launcher_is_told_of_the_first_in_a_line(tmp_path: Path, undisturbed: Site) -> None:
    site = Site(tmp_path, SPACE)
    file = tmp_path / "played.toml"
    file.write_text(FILE)
    with site.start(*DOZING) as first:
        wait_until(lambda: site.progress)
        os.killpg(first.pid, signal.SIGSTOP)  # So that the first one is still running, however long this takes.
        assert study("run", str(file), "--store", str(site.store), status=2) == owner(first.pid)
        second = Site(tmp_path / "second", SPACE)
        second.store.symlink_to(site.store)
        for _ in range(3):
            assert second.run(status=2) == owner(first.pid)
        assert second.work.attempted == 0
        os.killpg(first.pid, signal.SIGKILL)
    site.complaints.unlink()
    assert site.run("--workers", "2") == ""
    site.check()
    assert site.tables() == undisturbed.tables()


def test_of_many_launchers_that_start_at_once_one_runs_the_study(tmp_path: Path, undisturbed: Site) -> None:
    site = Site(tmp_path, SPACE)
    with ExitStack() as running:
        launchers = [running.enter_context(site.start()) for _ in range(5)]
        statuses = [launcher.wait(timeout=120) for launcher in launchers]
    # A launcher that starts after the end has nothing to do.
    assert {0} <= set(statuses) <= {0, 2}
    errors = site.complaints.read_text().splitlines(keepends=True)
    assert len(errors) == statuses.count(2)
    # On a busy machine the first may have its lock and no claim yet.
    nameless = "study 'played' is being run by another process; wait for it or stop it\n"
    assert set(errors) <= {nameless, *(owner(launcher.pid) for launcher in launchers)}
    site.check()
    assert site.work.lost() == 0
    assert site.work.attempted == 10
    assert site.tables() == undisturbed.tables()


@pytest.mark.slow
def test_a_clock_that_jumps_changes_nothing(tmp_path: Path, undisturbed: Site) -> None:
    site = Site(tmp_path, SPACE)
    for _ in range(3):
        with site.start("--workers", "2", "--clock") as launcher:
            done = site.progress
            wait_until(lambda: site.progress > done + 500)  # noqa: B023  It is called at once.
            os.killpg(launcher.pid, signal.SIGKILL)
    assert site.run("--workers", "2", "--clock") == ""
    site.check()
    assert site.work.lost() <= 2 * 3
    assert site.tables() == undisturbed.tables()
    begun = [trial.datetime_start for trial in site.trials if trial.datetime_start]
    assert begun != sorted(begun)


@pytest.mark.slow
def test_a_clock_that_jumps_leaves_the_log_whole(tmp_path: Path) -> None:
    site = Site(tmp_path, space(NORM))
    assert site.run("--clock", "--mlflow") == ""
    site.check()
    site.check_log()


def test_a_worker_that_hangs_is_replaced_and_its_trial_goes_on(tmp_path: Path) -> None:
    hanging = Site(tmp_path / "hanging", space(POOLING, seeds=(0,), trial_timeout=1.5))
    begin = time.monotonic()
    assert hanging.run("--workers", "2", *DOZING) == ""
    assert time.monotonic() - begin < 60
    hanging.check()
    assert hanging.reasons() == {"took longer than trial_timeout = 1.5 seconds": 3}
    assert hanging.work.lost() == 0


@pytest.mark.slow
def test_a_worker_that_is_stopped_is_replaced_too(tmp_path: Path) -> None:
    site = Site(tmp_path, space(DEPTH, POOLING, trial_timeout=1.5))
    with site.start() as launcher:
        wait_until(lambda: site.progress)
        (worker,) = workers_of(launcher.pid)
        os.kill(worker, signal.SIGSTOP)
        assert launcher.wait(timeout=60) == 0
    site.check()
    assert site.reasons() == {"took longer than trial_timeout = 1.5 seconds": 1}
    assert site.work.lost() <= 1


@pytest.mark.slow
def test_a_worker_that_wakes_up_when_all_is_over_spoils_nothing(tmp_path: Path, undisturbed: Site) -> None:
    site = Site(tmp_path, SPACE)
    with site.start() as launcher:
        wait_until(lambda: site.progress > 500)
        (asleep,) = workers_of(launcher.pid)
        os.kill(asleep, signal.SIGSTOP)
        launcher.kill()
    assert site.run("--workers", "2") == ""
    site.check()
    os.kill(asleep, signal.SIGCONT)
    wait_until(lambda: gone(asleep))
    assert site.run("--workers", "2") == ""
    assert site.duplicates() == 0
    assert site.tables() == undisturbed.tables()
    assert site.curves() == undisturbed.curves()
