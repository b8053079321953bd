"""Measures how fast a large store answers which cells are missing."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL
from study.ledger.tables import table
from study.space.search_space import SearchSpace
from tests.benchmarks import naps
from tests.conftest import ROOT

LEFT = 10
"""How many cells are missing."""


def answers(cells: int) -> Iterator[tuple[str, float]]:
    """Yields questions to a store in which all but a few of the cells are complete, and the seconds of each answer."""
    space = naps.grid(cells)
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        yield f"size of the journal with {naps.EPOCHS} epochs a trial, MB", _fill(store, space) / 1e6

        def read() -> None:
            assert Ledger.read(store, space.name).counts()["missing"] == LEFT

        def export() -> None:
            table(Ledger.read(store, space.name)).to_csv(store / "cells.csv", index=False)

        def own() -> None:
            with Ledger.own(store, space) as ledger:
                assert ledger.next()

        def status() -> None:
            command = [sys.executable, "-m", "study", "status", space.name, "--json", "--store", str(store)]
            subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)

        yield "read the ledger and count its cells, s", _seconds(read)
        yield "export one row per cell (2 s allowed), s", _seconds(export)
        yield "own the ledger and claim the first missing cell, s", _seconds(own)
        yield "the command `study status --json` from start to end, s", _seconds(status)


def _fill(store: Path, space: SearchSpace) -> int:
    """Run all cells except the last few. Returns the size of the journal in bytes."""
    with Ledger.own(store, space) as ledger:
        for _ in range(ledger.counts()["missing"] - LEFT):
            claim = ledger.next()
            assert claim
            result = naps.finish(claim.config)
            for epoch, metrics in enumerate(result.curve, start=1):
                ledger.epoch(claim.number, epoch, metrics)
            ledger.record(claim.number, result)
        return (ledger.folder / JOURNAL).stat().st_size


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
