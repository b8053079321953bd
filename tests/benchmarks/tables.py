"""The output of benchmarks: a line about the machine, and tables in Markdown."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# Every worker imports this file too, so it imports nothing heavy.


@dataclass(frozen=True)
class Table:
    """A title, the names of the columns, and rows of finished texts."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *self.rows]
        return "\n".join([f"### {self.title}", "", *(f"| {' | '.join(line)} |" for line in lines), ""])


def measure(
    parser: argparse.ArgumentParser, parts: Mapping[str, Callable[[argparse.Namespace], Table]], *packages: str
) -> None:
    """Measure the chosen parts, or all, one after another. Prints each table as soon as it is ready."""
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"all, or some of: {', '.join(parts)}")
    arguments = parser.parse_args()
    if unknown := [part for part in arguments.parts if part not in parts]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(parts)}")
    print(f"{machine(*packages)}\n", flush=True)
    for part in arguments.parts or parts:
        print(parts[part](arguments).markdown(), flush=True)


def machine(*packages: str) -> str:
    """Returns a line about the machine, the date, and the versions of these packages."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores of {(models or [platform.machine()])[0]}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}; "
        f"load before the start {os.getloadavg()[0]:.1f}"
    )
