"""What benchmarks print: where they ran, and tables in Markdown."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# Every worker imports this file too: what is heavy is imported where it is used.


@dataclass(frozen=True)
class Table:
    """A title, the columns' names, and rows of words and numbers that are written already."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join([f"### {self.title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def machine(*packages: str) -> str:
    """Where and when it ran, under which versions of these packages."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores of {(models or [platform.machine()])[0]}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}; "
        f"load before the start {os.getloadavg()[0]:.1f}"
    )
