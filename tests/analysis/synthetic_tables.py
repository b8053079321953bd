"""Tables as `study export` writes them, of studies that never ran: known effects, normal noise."""

import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure

from study.space.trial import WITH_CURVE, label
from study.task import Level

Point = Mapping[str, Level]
BASE: Point = {"conv_depth": 4, "width": 16, "pooling": "global_max"}
QUICK: Sequence[Point] = (
    {},
    {"conv_depth": 2},
    {"conv_depth": 7},
    {"width": 8},
    {"pooling": "global_average"},
    {"pooling": "flatten"},
)


def table(
    points: Sequence[Point] = QUICK,
    *,
    base: Point = BASE,
    seeds: int = 3,
    states: Mapping[tuple[str, int], str] | None = None,
    direction: str = "maximize",
) -> pd.DataFrame:
    """A row a cell; a change of the i-th point adds 0.02 i to the objective of the baseline, 0.3; the sd is 0.01."""
    random = np.random.default_rng(7)
    cells = pd.DataFrame(
        [
            _cell(point, {**base, **point}, seed, 0.3 + 0.02 * turn + 0.01 * random.normal(), states or {})
            for seed in range(seeds)
            for turn, point in enumerate(points)
        ]
    )
    return cells.assign(direction=direction, task="qr_digits", baseline=f"mask=0 {label(base)}")


def _cell(
    point: Point, levels: Point, seed: int, value: float, states: Mapping[tuple[str, int], str]
) -> dict[str, object]:
    state = states.get((label(point), seed), "complete")
    metrics = {"val_acc": value, "val_number_acc": value**4, "val_loss": 2 - value}
    metrics |= {f"val_digit_{place}_acc": value + 0.1 * (place == 1) - 0.05 * (place == 3) for place in range(1, 7)}
    # As the ledger reports it: a cell that is missing, running or failed has no metrics.
    known = metrics if state in WITH_CURVE else dict.fromkeys(metrics, np.nan)
    return {
        "study": "synthetic",
        "key": f"{label(point)}/{seed}",
        "point": label(point),
        "changes": json.dumps(point),
        "seed": seed,
        "phase": "",
        "state": state,
        "objective": "val_acc",
        **{f"level.{factor}": level for factor, level in levels.items()},
        **{f"metric.{metric}": number for metric, number in known.items()},
        **{"epochs": 6, "train_examples": 4000, "validation_examples": 2000},
        **{"parameters": 1_000 * _size(levels), "flops": 5e5 * _size(levels), "seconds": 30 + _size(levels) + seed},
        **{"backend": "tensorflow", "device": "cpu", "threads": 2},
    }


def _size(levels: Point) -> float:
    return float(levels.get("conv_depth", 3)) * float(levels.get("width", 16)) / 16


def grid() -> pd.DataFrame:
    """Depth × pooling × coordinates, in full: 12 points of 3 seeds."""
    base: dict[str, Level] = {"conv_depth": 7, "pooling": "global_max", "coordinates": False}
    levels = product((7, 2, 4), ("global_max", "flatten"), (False, True))
    full: list[dict[str, Level]] = [dict(zip(base, choice, strict=True)) for choice in levels]
    return table([{k: v for k, v in point.items() if v != base[k]} for point in full], base=base)


def sweep() -> pd.DataFrame:
    """Sixteen sampled points of one seed each around a baseline, of which the two first are then confirmed."""
    random = np.random.default_rng(3)
    sampled: list[Point] = [
        {"width": int(random.choice([8, 32])), "learning_rate": float(f"{10 ** random.uniform(-4, -2):.4g}")}
        for _ in range(16)
    ]
    base: Point = {"width": 16, "learning_rate": 0.001}
    search = table([{}, *sampled], base=base, seeds=1).assign(phase="search")
    confirm = table([{}, *sampled[:2]], base=base, seeds=3).assign(phase="confirm")
    # The search's values of the confirmed points lie far off: a mean that contained them could not be missed.
    search.loc[search["point"].isin(set(confirm["point"])), "metric.val_acc"] = 0.9
    confirm["seed"] += 1
    confirm["key"] = confirm["point"] + "/" + confirm["seed"].astype(str)
    return pd.concat([search, confirm], ignore_index=True)


def epochs(cells: pd.DataFrame, *, last: int = 6) -> pd.DataFrame:
    """Curves that end at the cells' values; those of cells that are not complete stop half way."""
    rows = []
    for cell in cells.to_dict("records"):
        final = cell["metric.val_acc"] if cell["state"] == "complete" else 0.2
        for epoch in range(1, (last if cell["state"] == "complete" else last // 2) + 1):
            value = final * epoch / last
            identity = {column: cell[column] for column in ("study", "key", "point", "changes", "seed", "phase")}
            rows.append({**identity, "epoch": epoch, "metric.val_acc": value, "metric.loss": 2 - value})
    return pd.DataFrame(rows)


def csv(frame: pd.DataFrame, path: Path) -> Path:
    """The frame as an exported file."""
    frame.to_csv(path, index=False)
    return path


def axes() -> Axes:
    """An empty panel."""
    return Figure(figsize=(9, 5)).subplots()


def dots(ax: Axes) -> "list[tuple[float, float]]":
    """Where the panel's dots are, in the data's units."""
    places = [c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)]
    return [(float(x), float(y)) for each in places for x, y in np.asarray(each)]


def bars(ax: Axes) -> "list[tuple[float, float, float, float]]":
    """The two ends of each error bar of the panel: x, y, x, y."""
    containers = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    segments = [segment for c in containers for lines in c.lines[2] for segment in lines.get_segments()]
    return [tuple(float(value) for value in np.asarray(segment).ravel()) for segment in segments]  # type: ignore[misc]
