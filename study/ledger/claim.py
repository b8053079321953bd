"""The claim of the process that writes a folder: a file that names it, is renewed while it runs, and is compared.

The lock of a folder keeps two processes apart where locks work. On some network disks they do not, a host may lock only
for itself, and a lock may be removed. The claim then shows the second launcher the first one, or the first the second.
"""

import json
import os
import platform
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.errors import StoreError
from study.files import write_whole

OWNER = "owner"
"""The file that names the process that writes a study."""
_RENEWAL = 10.0
"""Seconds between two renewals of a claim."""
_SILENCE = 30.0
"""A launcher of another machine that has not renewed its claim for so many seconds is dead."""
_PROCESSES = Path("/proc")


@dataclass(frozen=True)
class Owner:
    """The process that a claim names."""

    words: str
    """Its number and its host, as in `process 12 on here`."""
    about: Mapping[str, Any]
    """Its machine, number, start and token. Empty if an earlier version wrote the claim."""

    @classmethod
    def read(cls, folder: Path) -> "Owner | None":
        """Returns the process that the claim on a folder names. None if there is no claim, or a torn one."""
        try:
            words, _, rest = (folder / OWNER).read_text(encoding="utf-8").partition("\n")
            about = json.loads(rest or "{}")
        except (OSError, ValueError):
            return None
        return cls(words, about) if isinstance(about, dict) else None

    @classmethod
    def new(cls) -> "Owner":
        """Returns this process, with a token that no other claim has."""
        about = {"machine": _machine(), "process": os.getpid(), "start": _start(os.getpid()), "token": uuid.uuid4().hex}
        return cls(f"process {os.getpid()} on {platform.node()}", about)

    @property
    def is_here(self) -> bool:
        """Whether this process can see whether that one lives."""
        return bool(_machine()) and self.about.get("machine") == _machine()

    @property
    def lives(self) -> bool:
        """Whether a process of this machine lives and is another one than this."""
        number = self.about.get("process")
        return number != os.getpid() and _start(number) == self.about.get("start") != ""

    def write(self, folder: Path) -> None:
        """Claim a folder."""
        write_whole(folder / OWNER, f"{self.words}\n{json.dumps(dict(self.about))}\n")


class Claim:
    """The claim of this process on a folder. `what` is in the folder, in words."""

    def __init__(self, folder: Path, *, what: str) -> None:
        self._folder = folder
        self._what = what
        self._owner = Owner.new()
        self._path = str(folder / OWNER)
        self._held: int | None = None
        """The file of this claim, which stays open so that no other file gets its number."""
        self._ended = threading.Event()

    def begin(self) -> None:
        """Claim the folder, and renew the claim from now on. Raises StoreError if another process that lives has it."""
        owner = Owner.read(self._folder)
        # If the system does not tell machines apart, only the lock decides.
        if (
            owner
            and _machine()
            and owner.about.get("machine")
            and (owner.lives if owner.is_here else self._is_renewed())
        ):
            raise StoreError(f"{self._what} is being run by {owner.words}; wait for it or stop it")
        self._claim()
        threading.Thread(target=self._renew, name="claim", daemon=True).start()

    def check(self) -> None:
        """Raise StoreError if another process has claimed the folder meanwhile."""
        if self._is_the_held_file():
            return
        owner = Owner.read(self._folder)
        if owner is None or not owner.about:  # It was removed by hand.
            with suppress(OSError):
                self._claim()
        elif owner != self._owner:
            raise StoreError(
                f"{self._what} was taken over by {owner.words}, so this run ends and writes nothing more there; "
                "its cells go on in that run, or at the next one"
            )

    def end(self) -> None:
        """Give the folder back, if it is still this process's."""
        self._ended.set()
        self._let_go()
        with suppress(OSError):  # A claim that is left over keeps nobody off for long.
            if Owner.read(self._folder) == self._owner:
                (self._folder / OWNER).unlink()

    def _claim(self) -> None:
        self._let_go()
        self._owner.write(self._folder)
        self._held = os.open(self._path, os.O_RDONLY)

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _is_the_held_file(self) -> bool:
        """Whether the claim is still this process's file. Quicker than to read it, because every trial asks twice."""
        if self._held is None:
            return False
        try:
            file = os.open(self._path, os.O_RDONLY)  # A network disk shows the newest file to whoever opens it.
        except OSError:
            return False
        try:
            return os.path.sameopenfile(file, self._held) and os.fstat(file).st_size > 0
        finally:
            os.close(file)

    def _renew(self) -> None:
        while not self._ended.wait(_RENEWAL):
            with suppress(OSError):
                os.utime(self._folder / OWNER)

    def _is_renewed(self) -> bool:
        """Whether a process of another machine renews its claim. Waits until that is known."""
        last = self._time_of_claim()
        while last is not None and self._now() - last < _SILENCE:
            time.sleep(min(1.0, _RENEWAL))
            if self._time_of_claim() not in (last, None):
                return True
            last = self._time_of_claim()
        return False

    def _time_of_claim(self) -> float | None:
        try:
            with (self._folder / OWNER).open("rb") as file:  # A network disk shows the newest time of an opened file.
                return os.fstat(file.fileno()).st_mtime
        except OSError:
            return None

    def _now(self) -> float:
        """Returns the time of the disk, because the clocks of two machines may differ by minutes."""
        probe = self._folder / f"{OWNER}.{self._owner.about['token']}"
        probe.touch()
        try:
            return probe.stat().st_mtime
        finally:
            probe.unlink()


def _machine() -> str:
    """Returns what tells this machine, since it was started, and this container from others; empty if nothing does."""
    with suppress(OSError):
        boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{platform.node()} {boot} {(_PROCESSES / 'self/ns/pid').readlink()}"
    return ""


def _start(process: object) -> str:
    """Returns when a process of this machine was started, in the system's ticks; empty if there is none."""
    try:
        status = (_PROCESSES / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *rest = status.rpartition(")")[2].split()
    return "" if state in ("Z", "X") else rest[18]
