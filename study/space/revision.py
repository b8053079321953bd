"""How a study may change once it has results: it grows, and what would make other results stays as it is.

What changes no result but decides what is concluded, seeds, factors and how variants are compared, may be revised; that
it was, and after how many results, is kept, for it may have been done because of them.
"""

from collections.abc import Iterator, Sequence

from study.space import points as designs
from study.space.factor import Range
from study.space.search_space import SearchSpace
from study.task import Level, describe, same


def changes(before: SearchSpace, now: SearchSpace) -> Iterator[str]:
    """What is asked now and would make other results than before, a line each."""
    old, new = _fixed(before), _fixed(now)
    # A setting that only one of them knows was added to the task, or removed: at its default it changes nothing.
    defaults = {
        f"{kind}.{name}": level
        for kind in ("baseline", "default")
        for name, level in {**before.defaults, **now.defaults}.items()
    }
    for key in {**old, **new}:
        was, asked = (every.get(key, defaults.get(key, "not given")) for every in (old, new))
        if not same(was, asked):
            yield f"{key}: {was} -> {asked}"


def revision(before: SearchSpace, now: SearchSpace, *, results: int) -> str:
    """What of that which decides the conclusions changed once there were results; empty where nothing did."""
    old, new = _deciding(before), _deciding(now)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    said = ", ".join(f"{name} {old.get(name, 'fixed')} → {new.get(name, 'fixed')}" for name in names)
    return f"after {results:,} results: {said}" if said and results else ""


def thread_changes(kept: int, asked: int | None) -> Iterator[str]:
    """The line that says that a study has other threads than are asked for now, where any are."""
    if asked not in (None, kept):
        yield f"threads: {kept} -> {asked} (they change the last bits; without --threads a study keeps its own)"


def refusal(study: str, differences: list[str]) -> str:
    """The message where a study has results and is asked for others."""
    there = f"study {study!r} has results, and what is asked now differs from how they were made:"
    return "\n  ".join([there, *differences]) + "\nundo that, or give the file another `name`"


def wider(ours: SearchSpace, theirs: SearchSpace) -> bool:
    """Whether the second of two definitions of one study has every cell of the first, and more; never of a sweep's."""
    if "sweep" in (ours.design.kind, theirs.design.kind):
        return False
    return {config.key for config in designs.cells(ours)} < {config.key for config in designs.cells(theirs)}


def _fixed(space: SearchSpace) -> dict[str, bool | int | float | str]:
    """All that a result depends on, but for the levels of its factors and its seed."""
    design = space.design
    sampled = {"sampler": design.sampler, "pruner": design.pruner, "seed": design.seed}
    return {
        "task": space.task,
        "task version": space.task_version,
        **{f"default.{name}": level for name, level in space.defaults.items()},
        **{f"baseline.{name}": level for name, level in space.baseline.items()},
        **{f"fidelity.{name}": number for name, number in vars(space.fidelity).items()},
        **_objectives(space),
        "constraints": "; ".join(sorted(map(str, space.constraints))) or "none",
        "vary": ", ".join(sorted(space.vary)),
        "design.kind": "sweep" if design.kind == "sweep" else "no sweep",
        **{f"design.{name}": value for name, value in sampled.items() if design.kind == "sweep"},
    }


def _deciding(space: SearchSpace) -> dict[str, str]:
    """All that a conclusion depends on beside its results; in one order, for another one is no change."""
    design = space.design
    asked: dict[str, Sequence[Level]] = {
        "design": [design.kind],
        "seeds": space.seeds,
        "comparison": [space.comparison],
        "margin": ["none" if space.margin is None else space.margin],
        "nuisance": space.nuisance or ["none"],
    }
    if design.kind == "sweep":
        asked |= {"trials": [design.trials], "confirmed points": [design.confirm.top], "seeds": [space.replicates]}
    levels = {
        f.name: [f"{f.levels.low:g} to {f.levels.high:g}"] if isinstance(f.levels, Range) else f.levels
        for f in space.factors
    }
    return {name: " ".join(map(describe, sorted(values, key=_order))) for name, values in {**asked, **levels}.items()}


def _order(level: Level) -> tuple[bool, Level]:
    return isinstance(level, str), level


def _objectives(space: SearchSpace) -> dict[str, str]:
    names = ("objective", "second objective")
    return {
        f"{name}.{key}": value
        for name, objective in zip(names, space.objectives, strict=False)
        for key, value in vars(objective).items()
    }
