"""Shots at a study that runs, other than SIGKILL: a scheduler's signals, a removed lock, a moved or damaged journal."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable

from study.ledger.claim import Owner
from study.ledger.store import JOURNAL
from tests.conftest import ROOT
from tests.faults.site import Site, halted, wait_until

Launcher = subprocess.Popen[str]
Shot = Callable[[Site, Launcher, random.Random], bool]
"""Returns whether it hit anything."""


def end_job(site: Site, launcher: Launcher, chance: random.Random) -> bool:
    """End a launcher and its workers with SIGTERM, as a scheduler does."""
    if launcher.poll() is not None:
        return False
    os.killpg(launcher.pid, signal.SIGTERM)
    # Before its first line it is ended as any program is.
    return launcher.wait(timeout=120) in (130, -signal.SIGTERM)


def pause(site: Site, launcher: Launcher, chance: random.Random) -> bool:
    """Stop a launcher and its workers for a moment, as Ctrl-Z does."""
    if launcher.poll() is not None:
        return False
    os.killpg(launcher.pid, signal.SIGSTOP)
    time.sleep(chance.uniform(0, 0.5))
    os.killpg(launcher.pid, signal.SIGCONT)
    return True


def remove_lock(site: Site, launcher: Launcher, chance: random.Random) -> bool:
    """Remove the lock of a study that runs. Sometimes a second launcher tries to run it, and must be refused."""
    lock, owner = site.study / "lock", site.study / "owner"
    if not lock.exists() or not owner.exists() or launcher.poll() is not None:
        return False
    lock.unlink()
    if chance.random() < 0.2:
        os.killpg(launcher.pid, signal.SIGSTOP)  # It must not end before the other one has tried.
        try:
            wait_until(lambda: halted(launcher.pid))
            # Between its lock and its claim it has written nothing, and the next one may begin.
            named = Owner.read(site.study)
            if named and named.about.get("process") == launcher.pid:
                second = _refused(site)
                assert f"is being run by process {launcher.pid} on " in second, second
        finally:
            os.killpg(launcher.pid, signal.SIGCONT)
    return True


def move_journal(site: Site, launcher: Launcher, chance: random.Random) -> bool:
    """Move the journal away until the launcher has ended, and then back."""
    journal, away = site.study / JOURNAL, site.folder / "away"
    if launcher.poll() is not None or not journal.exists():
        return False
    journal.rename(away)
    launcher.wait(timeout=120)
    if journal.exists():
        away.unlink()  # No cell had run, so the launcher began anew.
    else:
        away.rename(journal)
    return True


def flip_bit(site: Site, launcher: Launcher, chance: random.Random) -> bool:
    """Kill a launcher, and flip a bit of its journal. The next launcher must refuse it. Then the bit is put back."""
    if launcher.poll() is not None:
        return False
    launcher.kill()
    launcher.wait()
    journal = site.study / JOURNAL
    whole = journal.read_bytes() if journal.exists() else b""
    whole = whole[: whole.rfind(b"\n") + 1]  # A torn line is cut off, whatever it holds.
    if whole:
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged) - 1)] ^= 1 << chance.randrange(8)
        journal.write_bytes(damaged)
        refusal = _refused(site)
        assert refusal.startswith(f"{journal}: cannot be read from line "), refusal
        journal.write_bytes(whole)
    return True


def _refused(site: Site) -> str:
    """Start another launcher, which must be refused. Returns its only line."""
    done = subprocess.run(site.command(), cwd=ROOT, env=site.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


SHOTS: dict[str, Shot] = {
    "job": end_job,
    "pause": pause,
    "lock": remove_lock,
    "journal": move_journal,
    "bit": flip_bit,
}
