"""The keys with which a file declares a search space. They are made of what the store keeps, so without the file."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from study.space.design import Design
from study.space.factor import Factor, Range
from study.space.match import Match
from study.space.rules import SIMPLE
from study.space.search_space import SearchSpace
from study.space.surgery import Operation, Surgery
from study.task import Level, same

Keys = dict[str, Any]


def declared_keys(space: SearchSpace, *, folder: Path | None = None) -> Keys:
    """Returns the keys of a file that declares this study. A key at its default is left out. Needs no task.

    If the file's folder is given, a task's file that lies in it or below is named by its path from there.
    """
    objectives = [objective.to_json() for objective in space.objectives]
    keys: Keys = {"name": space.name, "task": _reference(space.reference, folder), **_seeds(space), **_simple(space)}
    keys |= {
        "objective": objectives if len(objectives) > 1 else objectives[0],
        "baseline": {name: level for name, level in space.baseline.items() if not same(level, space.defaults[name])},
        "factors": {f.name: _factor(f) for f in space.factors if f.name not in space.surgery.factors},
        "surgery": _surgery(space.surgery),
        "match": _match(space.match),
        "design": _design(space.design),
        "fidelity": {name: number for name, number in asdict(space.fidelity).items() if number is not None},
    }
    return {key: value for key, value in keys.items() if value != {}}


def _reference(reference: str, folder: Path | None) -> str:
    if folder is None or not Path(reference).is_absolute() or not Path(reference).is_relative_to(folder.resolve()):
        return reference
    return f"./{Path(reference).relative_to(folder.resolve())}"


def _seeds(space: SearchSpace) -> Keys:
    if space.design.kind == "sweep":
        return {}
    seeds, from_zero = list(space.seeds), list(space.seeds) == list(range(len(space.seeds)))
    looks = {"looks": list(space.looks)} if space.looks else {}
    return looks if looks and from_zero else {**looks, "seeds": len(seeds) if from_zero else seeds}


def _simple(space: SearchSpace) -> Keys:
    flags = {name: space.comparison == name for name in ("paired", "equal_variances")}
    record = vars(space) | flags | {"constraints": tuple(map(str, space.constraints))}
    values = {key: list(value) if isinstance(value := record[key], tuple) else value for key in SIMPLE}
    return {key: value for key, value in values.items() if value != SIMPLE[key][1]}


def _match(match: Match | None) -> Keys:
    return {"with": match.setting, "by": match.by, "within": match.within} if match else {}


def _design(design: Design) -> Keys:
    keys = asdict(design) if design.kind == "sweep" else {"kind": design.kind, "seed": design.seed}
    return {key: value for key, value in keys.items() if (key, value) != ("seed", 0)}


def _factor(factor: Factor) -> Any:
    when = {name: _one_or_all(levels) for name, levels in factor.when.items()}
    if isinstance(factor.levels, Range):
        ends = {key: value for key, value in asdict(factor.levels).items() if value is not None and value is not False}
        return ends | ({"when": when} if when else {})
    levels = list(factor.levels)
    return {"levels": levels, "when": when} if when else levels


def _one_or_all(levels: tuple[Level, ...]) -> Any:
    return levels[0] if len(levels) == 1 else list(levels)


def _surgery(surgery: Surgery) -> Keys:
    made = {(level, operation) for levels in surgery.factors.values() for level, operation in levels.items()}
    groups = {_layers(level, one): list(one.layers) for level, one in sorted(made, key=repr) if _is_group(level, one)}
    mend = {"mend": "project"} if any(one.mend == "project" for _, one in made) else {}
    named = {"groups": groups} if groups else {}
    return {**named, **{kind: _levels(levels) for kind, levels in surgery.factors.items()}, **mend}


def _levels(levels: Mapping[str, Operation]) -> Any:
    """Returns what the file says about one kind: names of layers and groups, or an activation for each of them."""
    if not any(one.activation and one.layers for one in levels.values()):
        return list(levels)
    by_layers: dict[str, list[str]] = {}
    for level, one in levels.items():
        by_layers.setdefault(_layers(level, one), []).append(one.activation)
    return by_layers


def _layers(level: str, operation: Operation) -> str:
    """Returns the name of the layer, the pattern or the group that a level acts on."""
    return level.removesuffix(f":{operation.activation}") if operation.activation else level


def _is_group(level: str, operation: Operation) -> bool:
    return bool(operation.layers) and operation.layers != (_layers(level, operation),)
