"""Tables of ten thousand trials, made by code: a search, a grid and an ablation of a thousand points."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.drawing.source import Source
from study.inference.answer import answer
from study.inference.columns import LEVEL
from study.report.report_file import write_report
from study.space.trial import label
from study.task import Level

Point = Mapping[str, Level]
BASE: Point = {"width": 16, "rate": 0.001, "act": "relu"}
SHARED = {
    "study": "large", "state": "complete", "objective": "val_acc", "direction": "maximize", "paired": False,
    "equal_variances": False, "task": "made", "baseline": "baseline", "fixed": "optimizer=adam", "nuisance": "",
    "vary": "weights order", "revised": "", "test_openings": 0, "epochs": 30, "train_examples": 1000,
    "validation_examples": 500, "seconds": 10.0, "backend": "tensorflow", "device": "cpu", "threads": 1, "code": "a",
    "version.keras": "3.15", "reason": "",
}  # fmt: skip


def search(trials: int = 10_000) -> pd.DataFrame:
    """Random points of one seed each, of which four are confirmed on five seeds."""
    random = np.random.default_rng(0)
    points: list[Point] = [{}]
    while len(points) < trials:
        points.append({"width": int(random.integers(17, 64)), "rate": float(f"{10 ** random.uniform(-5, -1):.8g}")})
    return pd.concat([cells(points, [0], phase="search"), cells(points[:4], range(1, 6), phase="confirm")])


def grid(seeds: int = 10) -> pd.DataFrame:
    """Ten by ten by ten levels."""
    levels = [16, *range(17, 26)], [0.001, *(0.001 / 2**power for power in range(1, 10))], ["relu", *"abcdefghi"]
    named = (dict(zip(BASE, choice, strict=True)) for choice in product(*levels))
    return cells([{k: v for k, v in point.items() if v != BASE[k]} for point in named], range(seeds))


def ablation(seeds: int = 10) -> pd.DataFrame:
    """A thousand changes, one at a time."""
    return cells([{}, *({"act": f"act{turn}"} for turn in range(999))], range(seeds))


def cells(points: Sequence[Point], seeds: Sequence[int], *, phase: str = "") -> pd.DataFrame:
    """Returns a cell for each seed at each of these points."""
    random = np.random.default_rng(1)
    rows = [
        {
            **SHARED,
            "key": f"{phase}{label(point)}/{seed}",
            "point": label(point),
            "changes": json.dumps(point),
            "seed": seed,
            "phase": phase,
            **{f"{LEVEL}{name}": level for name, level in {**BASE, **point}.items()},
            "metric.val_acc": 0.5 + 0.001 * float({**BASE, **point}["width"]) + 0.01 * random.normal(),
            "parameters": 1000.0 * float({**BASE, **point}["width"]),
        }
        for seed in seeds
        for point in points
    ]
    return pd.DataFrame(rows)


def report_times(folder: Path) -> Iterator[tuple[str, float, float]]:
    """Yields for each table its name, and the seconds of its answer and of its whole report."""
    for make in (search, grid, ablation):
        path = folder / f"{make.__name__}.csv"
        make().to_csv(path, index=False)
        source = Source(str(path), folder)
        begin = time.perf_counter()
        answer(source.table)
        middle = time.perf_counter()
        write_report(source)
        yield make.__name__, middle - begin, time.perf_counter() - middle
