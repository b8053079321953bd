"""Reads the objectives, the design and the seeds of a search-space file."""

import importlib.util
from typing import Any

from study.space import rules
from study.space.design import FEWEST_PAIRS, Confirm, Design, Kind, Pruner, Sampler
from study.space.objective import Objective
from study.space.points import MOST_CELLS
from study.space.toml_table import Table

_MOST_SEED = 2**31 - 1


def read_objectives(table: Table) -> tuple[Objective, ...]:
    """Read the objective of a file, or both if it has two. Returns nothing if one of them is wrong."""
    given = table.take("objective", rules.OBJECTIVE)
    tables = given if isinstance(given, list) else [given] if given is not None else []
    objectives = [_objective(table.inner("objective", values)) for values in tables]
    return () if None in objectives else tuple(objective for objective in objectives if objective is not None)


def _objective(table: Table) -> Objective | None:
    metric, direction = table.take("metric", rules.METRIC), table.take("direction", rules.DIRECTION)
    epoch = table.take("epoch", rules.EPOCH, "last")
    table.refuse_rest(("metric", "direction", "epoch"))
    return None if None in (metric, direction, epoch) else Objective(metric, direction, epoch)


def read_design(table: Table, *, pruner: Pruner) -> tuple[Kind | None, Design | None]:
    """Read the design. Returns its kind and the whole design, each None if it is wrong.

    A sweep that names no pruner gets `pruner`.
    """
    values = table.take("design", rules.DESIGN)
    if values is None:
        return None, None
    inner = table.inner("design", values)
    kind: Kind | None = inner.take("kind", rules.KIND)
    seed = inner.take("seed", rules.whole(0, _MOST_SEED), 0)
    more: dict[str, Any] = {}
    if kind == "sweep":
        more = _sweep(inner, pruner=pruner)
    else:
        _refuse_keys_of_sweep(inner, kind)
    return kind, None if kind is None or inner.is_wrong else Design(kind, seed, **more)


def _refuse_keys_of_sweep(table: Table, kind: Kind | None) -> None:
    for key in rules.SWEEP:
        if table.pop(key) is not None and kind is not None:
            table.complain(key, f"is for sweeps only; the kind here is {kind!r}")
    table.refuse_rest(("kind", "seed"))


def _sweep(table: Table, *, pruner: Pruner) -> dict[str, Any]:
    """Read the keys of a design that only a sweep has."""
    trials = table.take("trials", rules.whole(1, MOST_CELLS))
    sampler = table.take("sampler", rules.SAMPLER, Design.sampler)
    _check_package(table, sampler)
    pruner = table.take("pruner", rules.PRUNER, pruner)
    confirm = _confirm(table.take_table("confirm", rules.CONFIRM))
    table.refuse_rest(("kind", "seed", *rules.SWEEP))
    _check_pairs(table, pruner, confirm.seeds)
    return {"trials": trials, "sampler": sampler, "pruner": pruner, "confirm": confirm}


def _confirm(table: Table) -> Confirm:
    top = table.take("top", rules.whole(1, 1000), Confirm.top)
    seeds = table.take("seeds", rules.whole(1, 1000), Confirm.seeds)
    table.refuse_rest(("top", "seeds"))
    return Confirm(top, seeds)


def _check_package(table: Table, sampler: Sampler) -> None:
    package = rules.PACKAGES.get(sampler)
    if package and importlib.util.find_spec(package) is None:
        table.complain("sampler", f"{sampler!r} needs the package {package}, which is not installed")


def _check_pairs(table: Table, pruner: Pruner, seeds: int) -> None:
    if pruner == "wilcoxon" and seeds < FEWEST_PAIRS + 1:
        needed = f"'wilcoxon' needs design.confirm.seeds of at least {FEWEST_PAIRS + 1}, not {seeds}"
        table.complain("pruner", f"{needed}: its test concludes nothing from fewer than {FEWEST_PAIRS}")


def read_looks(table: Table) -> tuple[int, ...]:
    """Read the looks of a study. Returns nothing if there are none, or if they are wrong."""
    looks = tuple(table.take("looks", rules.LOOKS, []) or ())
    if looks and any(name == "seeds" and not isinstance(value, list) for name, value in table.items()):
        text = "takes the place of `seeds`; keep one of the two, or list the seeds, if they do not begin with 0"
        table.complain("looks", text)
    return looks


def read_seeds(table: Table, kind: Kind | None, looks: tuple[int, ...]) -> tuple[int, ...] | None:
    """Read the seeds of every point. Returns None if they are wrong. Each point that a sweep searches has one seed.

    With looks, the seeds are those of the last look. They begin with 0, unless the file lists them.
    """
    if looks and "seeds" not in table and kind != "sweep":
        return tuple(range(max(looks)))
    if kind == "sweep":
        if table.pop("seeds") is not None:
            table.complain("seeds", "a sweep runs each suggested point once; give design.confirm.seeds instead")
        return (0,)
    seeds = table.take("seeds", rules.SEEDS, 5)
    if table.is_wrong_at("seeds"):
        return None
    return tuple(range(max(looks, default=seeds))) if isinstance(seeds, int) else tuple(seeds)
