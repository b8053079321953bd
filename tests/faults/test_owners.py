"""Two launchers never write one study, also where no lock keeps them apart."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.ballistics import space
from tests.faults.site import Site, wait_until
from tests.toy_task import DEPTH, POOLING

SPACE = space(DEPTH, POOLING, seeds=(0, 1))
ALONE = ("--without-locks", "--function", "tests.faults.trial:dozing")


def test_a_removed_lock_lets_no_second_launcher_in(tmp_path: Path) -> None:
    site = Site(tmp_path / "first", SPACE)
    second = Site(tmp_path / "second", SPACE)
    second.store.symlink_to(site.store)
    with site.start("--function", "tests.faults.trial:dozing") as first:
        wait_until(lambda: site.progress)
        (site.study / "lock").unlink()
        for other in (site, second):
            refusal = other.run(status=2)
            assert refusal.startswith(f"study 'played' is being run by process {first.pid} on ")
        os.killpg(first.pid, signal.SIGKILL)
    assert second.run("--workers", "2") == ""
    site.check()


def test_without_locks_a_second_machine_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    site = Site(tmp_path, SPACE)
    with site.start(*ALONE, "--host", "here") as first:
        wait_until(lambda: site.progress)
        assert "is being run by process" in site.run("--without-locks", "--host", "there", status=2)
        os.killpg(first.pid, signal.SIGKILL)
    begin = time.monotonic()
    assert site.run("--without-locks", "--host", "there", "--workers", "2") == ""
    assert time.monotonic() - begin < 60
    site.check()


@pytest.mark.parametrize("also", ["lock", "owner"])
def test_a_launcher_that_slept_notices_that_another_took_over(tmp_path: Path, also: str) -> None:
    site = Site(tmp_path, space(DEPTH, POOLING, seeds=tuple(range(20))))
    with site.start("--without-locks", "--host", "here") as first:
        wait_until(lambda: site.progress > 1_000)
        os.killpg(first.pid, signal.SIGSTOP)
        (site.study / also).unlink(missing_ok=True)
        assert site.run("--without-locks", "--host", "there", "--workers", "2") == ""
        journal = (site.study / "trials.journal").read_bytes()
        os.killpg(first.pid, signal.SIGCONT)
        assert first.wait(timeout=60) in (2, 130)
    assert (site.study / "trials.journal").read_bytes() == journal
    # Its worker may have kept one more epoch, in the folder of a cell that is over.
    assert site.counts() == {"complete": 100}
    assert site.duplicates() == 0
