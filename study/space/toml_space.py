"""The keys of the file that declares a search space, as `toml_text` writes them."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from study.space import rules
from study.space.design import Design
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.space.surgery import AS_BUILT, Operation, Surgery
from study.space.task_loading import split_reference
from study.task import same

_FLAGS = ("paired", "equal_variances")


def space_keys(space: SearchSpace, *, folder: Path) -> dict[str, Any]:
    """Returns the keys of a file in this folder. Read there, they make this search space again.

    Keys that have their default are left out, except for the name.
    """
    simple = {key: value for key, value in _simple(space) if value != rules.SIMPLE[key][1]}
    return {
        "name": space.name,
        "task": _reference(space.reference, folder),
        **simple,
        **_seeds(space),
        **_objectives(space),
        **_table("baseline", _baseline(space)),
        **_table("factors", dict(_factors(space))),
        **_table("surgery", _surgery(space.surgery)),
        "design": _design(space.design),
        "fidelity": {name: number for name, number in vars(space.fidelity).items() if number is not None},
    }


def _simple(space: SearchSpace) -> Iterator[tuple[str, Any]]:
    for key in rules.SIMPLE:
        value = space.comparison == key if key in _FLAGS else getattr(space, key)
        yield key, list(map(str, value)) if isinstance(value, tuple) else value


def _reference(reference: str, folder: Path) -> str:
    """Returns the name of the task, a file by its path from the folder if it lies in it or below."""
    module, name = split_reference(reference)
    if not module.endswith(".py"):
        return reference
    path = Path(module)
    if path.is_relative_to(folder.resolve()):
        module = f".{os.sep}{path.relative_to(folder.resolve())}"
    return module if name is None else f"{module}:{name}"


def _seeds(space: SearchSpace) -> dict[str, Any]:
    if space.design.kind == "sweep":
        return {}
    from_zero = space.seeds == tuple(range(len(space.seeds)))
    looks = {"looks": list(space.looks)} if space.looks else {}
    return looks if looks and from_zero else {**looks, "seeds": len(space.seeds) if from_zero else list(space.seeds)}


def _objectives(space: SearchSpace) -> dict[str, Any]:
    tables = [
        {name: value for name, value in one.to_json().items() if (name, value) != ("epoch", "last")}
        for one in space.objectives
    ]
    return {"objective": tables if len(tables) > 1 else tables[0]}


def _baseline(space: SearchSpace) -> dict[str, Any]:
    return {
        name: level
        for name, level in space.baseline.items()
        if name not in space.defaults or not same(level, space.defaults[name])
    }


def _factors(space: SearchSpace) -> Iterator[tuple[str, Any]]:
    return ((one.name, _levels(one)) for one in space.factors if one.name not in space.surgery.factors)


def _levels(factor: Factor) -> Any:
    when = {"when": {name: list(levels) for name, levels in factor.when.items()}} if factor.when else {}
    if isinstance(factor.levels, tuple):
        return {"levels": list(factor.levels), **when} if when else list(factor.levels)
    range_ = factor.levels
    log, step = ({"log": True} if range_.log else {}), ({} if range_.step is None else {"step": range_.step})
    return {"low": range_.low, "high": range_.high, **log, **step, **when}


def _surgery(surgery: Surgery) -> dict[str, Any]:
    """Returns the table that declares these operations. A level that is not called like its layer names a group."""
    groups: dict[str, list[str]] = {}
    table: dict[str, Any] = {}
    for kind, operations in surgery.factors.items():
        levels = {name: one for name, one in operations.items() if name != AS_BUILT[kind]}
        table[kind] = _activations(levels, groups) if kind == "activation" else _layers(levels, groups)
    mends = {one.mend for operations in surgery.factors.values() for one in operations.values()} - {"none"}
    return {
        **({"groups": groups} if groups else {}),
        **table,
        **({"mend": mends.pop()} if mends else {}),
    }


def _layers(levels: Mapping[str, Operation], groups: dict[str, list[str]]) -> list[str]:
    return [_group(name, one.layers, groups) for name, one in levels.items()]


def _activations(levels: Mapping[str, Operation], groups: dict[str, list[str]]) -> Any:
    if not all(one.layers for one in levels.values()):
        return list(levels)
    by_layers: dict[str, list[str]] = {}
    for name, one in levels.items():
        layers = _group(name.removesuffix(f":{one.activation}"), one.layers, groups)
        by_layers.setdefault(layers, []).append(one.activation)
    return by_layers


def _group(name: str, layers: Iterable[str], groups: dict[str, list[str]]) -> str:
    if tuple(layers) != (name,):
        groups[name] = list(layers)
    return name


def _design(design: Design) -> dict[str, Any]:
    seed = {"seed": design.seed} if design.seed else {}
    if design.kind != "sweep":
        return {"kind": design.kind, **seed}
    return {**vars(design), "confirm": dict(vars(design.confirm))}


def _table(name: str, content: dict[str, Any]) -> dict[str, Any]:
    return {name: content} if content else {}
