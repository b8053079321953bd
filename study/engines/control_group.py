"""The limits of a container, or of a scheduler's job: its control group may use less than the whole machine."""

import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_NO_LIMIT = 1e18
"""An unlimited group of the first version has a number of bytes as large as this, or larger."""


def processor_limit() -> float:
    """Returns how many cores this process may use at once; infinite if no group limits it."""
    return min((_quota(folder) for folder in _folders()), default=math.inf)


def memory_left() -> float:
    """Returns the bytes that this process may still take; infinite if no group limits it."""
    return min((_left(folder) for folder in _folders()), default=math.inf)


def _folders() -> Iterator[Path]:
    """Yields the folders of this process's groups and of those above them, in both versions of control groups."""
    lines = _OWN.read_text(encoding="utf-8").splitlines() if _OWN.is_file() else []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        root = _GROUPS / controllers
        own = root / path.lstrip("/")
        yield from (folder for folder in (own, *own.parents) if folder == root or root in folder.parents)


def _quota(folder: Path) -> float:
    quota, period = (*_numbers(folder / "cpu.max"), math.inf, math.inf)[:2]
    if math.isinf(quota):
        quota, period = _number(folder / "cpu.cfs_quota_us"), _number(folder / "cpu.cfs_period_us")
    return quota / period if quota > 0 and 0 < period < math.inf else math.inf


def _left(folder: Path) -> float:
    limit, used, cache = _number(folder / "memory.max"), "memory.current", "inactive_file"
    if math.isinf(limit):
        limit, used, cache = _number(folder / "memory.limit_in_bytes"), "memory.usage_in_bytes", "total_inactive_file"
    if limit >= _NO_LIMIT:
        return math.inf
    # Files that were read are in memory only as long as nobody else wants it.
    return max(0.0, limit - _finite(_number(folder / used)) + _finite(_statistic(folder / "memory.stat", cache)))


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0


def _statistic(path: Path, name: str) -> float:
    with suppress(OSError, ValueError):
        for line in path.read_text(encoding="ascii").splitlines():
            if line.split()[:1] == [name]:
                return float(line.split()[1])
    return 0.0


def _number(path: Path) -> float:
    return next(iter(_numbers(path)), math.inf)


def _numbers(path: Path) -> list[float]:
    """Returns the numbers of a file, of which `max` is infinite; none if there is no such file."""
    with suppress(OSError, ValueError):
        return [math.inf if word == "max" else float(word) for word in path.read_text(encoding="ascii").split()]
    return []
