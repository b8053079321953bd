"""The confirmation of a sweep. Its cells run the best points again on fresh seeds, and some are skipped."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from study.ledger.cell import Cell
from study.ledger.history import History, Planned
from study.ledger.search import Search
from study.space.pareto_front import front
from study.space.trial import UNFINISHED, TrialConfig, TrialResult
from study.sweep.pruner import worse_than_best
from study.sweep.tried_point import SEED


def confirming_cells(search: Search) -> list[Planned]:
    """Returns the best points of the search and the baseline, each on fresh seeds; none before the search is over."""
    history = search.history
    cells = [history.cell(planned, alive=True) for planned in search.planned]
    if search.wants_points or any(cell.state in UNFINISHED for cell in cells):
        return []
    confirm = history.space.design.confirm
    complete = [cell.config for cell in cells if cell.state == "complete" and cell.point != "baseline"]
    points = [history.baseline, *_best_first(history, complete)[: confirm.top]]
    seeds = range(SEED + 1, SEED + 1 + confirm.seeds)
    return [(replace(config, seed=seed), "confirm") for seed in seeds for config in points]


def _best_first(history: History, configs: Sequence[TrialConfig]) -> list[TrialConfig]:
    """Returns the points, the best first. With several objectives, only points that no other point dominates."""
    objectives = history.space.objectives
    values = {config.key: history.last(config).values for config in configs}
    if len(objectives) > 1:
        configs = [configs[index] for index in front(list(values.values()), objectives)]
    sign = objectives[0].sign
    return sorted(configs, key=lambda config: sign * values[config.key][0], reverse=True)


def mark_skipped(cells: Sequence[Cell], history: History) -> list[Cell]:
    """Returns the cells. A missing cell of a point that Wilcoxon's test finds worse is pruned, with the reason."""
    skipped = _skipped_points([cell for cell in cells if cell.phase == "confirm"], history)
    return [
        replace(cell, state="pruned", result=TrialResult("pruned", reason=skipped[cell.point]))
        if cell.phase == "confirm" and cell.point in skipped and cell.state == "missing"
        else cell
        for cell in cells
    ]


def _skipped_points(cells: Sequence[Cell], history: History) -> dict[str, str]:
    """Returns the points that are worse on the seeds so far, each with the reason."""
    skipped: dict[str, str] = {}
    results: dict[str, dict[int, float]] = defaultdict(dict)
    for seed, group in groupby(cells, key=lambda cell: cell.config.seed):
        remaining = {point: values for point, values in results.items() if point not in skipped}
        worse = worse_than_best(history.space, remaining)
        skipped |= {point: reason for point, reason in worse.items() if point != "baseline"}
        running = [cell for cell in group if cell.point not in skipped]
        if any(cell.state in UNFINISHED for cell in running):
            break
        for cell in running:
            if cell.state == "complete":
                results[cell.point][seed] = history.last(cell.config).value or 0.0
    return skipped


def first_open_seed(cells: Sequence[Cell]) -> list[Cell]:
    """Returns the cells of the first unfinished seed. Its results decide which points run on the next seed."""
    first = min((cell.config.seed for cell in cells if cell.state in UNFINISHED), default=0)
    return [cell for cell in cells if cell.config.seed == first]
