"""How the file of a study may change after the first results. The study may grow, but no result may come out different.

Seeds, factors and the comparison change no result, but they decide the conclusions. The user may revise them. The study
then records each revision and the number of results at that time, because the results may have been its reason.
"""

from collections.abc import Iterator, Sequence

from study.space.factor import Range
from study.space.looks import seeds_text
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.task import Level, describe, same


def changes(before: SearchSpace, now: SearchSpace) -> Iterator[str]:
    """Yields a line for each setting whose change would change the results."""
    old, new = _deciding_results(before), _deciding_results(now)
    # If only one of the two has a setting, it was added to the task or removed. At its default it changes nothing.
    defaults = {
        f"{kind}.{name}": level
        for kind in ("baseline", "default")
        for name, level in {**before.defaults, **now.defaults}.items()
    }
    for key in {**old, **new}:
        level_before, level_now = (levels.get(key, defaults.get(key, "not given")) for levels in (old, new))
        if not same(level_before, level_now):
            yield f"{key}: {level_before} -> {level_now}"
    yield from _other_operations(before, now)


def _other_operations(before: SearchSpace, now: SearchSpace) -> Iterator[str]:
    """Yields a line for each level that now does something else to the layers than before."""
    for factor, levels in now.surgery.factors.items():
        for level, operation in levels.items():
            old = before.surgery.factors.get(factor, {}).get(level, operation)
            if old.identity() != operation.identity():
                yield f"surgery.{factor}.{level}: {old} -> {operation}"


def revision(before: SearchSpace, now: SearchSpace, *, results: int) -> str:
    """Returns the changes to settings that decide the conclusions; empty if there are none, or no results yet."""
    old, new = _deciding_conclusions(before), _deciding_conclusions(now)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    changed = ", ".join(f"{name} {old.get(name, 'fixed')} → {new.get(name, 'fixed')}" for name in names)
    return f"after {results:,} results: {changed}" if changed and results else ""


def thread_changes(kept: int, asked: int | None) -> Iterator[str]:
    """Yields a line if the user now asks for another number of threads than the study has."""
    if asked not in (None, kept):
        yield f"threads: {kept} -> {asked} (they change the last bits; without --threads a study keeps its own)"


def refusal(study: str, differences: list[str]) -> str:
    """Returns the message for a study whose file changed in a way that changes results; `differences` are its lines."""
    first = f"study {study!r} has results, and what is asked now differs from how they were made:"
    return "\n  ".join([first, *differences]) + "\nundo that, or give the file another `name`"


def wider(ours: SearchSpace, theirs: SearchSpace) -> bool:
    """Whether the second definition of a study has every cell of the first, and more. It is False for a sweep."""
    if "sweep" in (ours.design.kind, theirs.design.kind):
        return False
    return {config.key for config in listed_cells(ours)} < {config.key for config in listed_cells(theirs)}


def _deciding_results(space: SearchSpace) -> dict[str, bool | int | float | str]:
    """Returns everything that a result depends on, except the levels of its factors and its seed."""
    design = space.design
    sampled = {"sampler": design.sampler, "pruner": design.pruner, "seed": design.seed}
    return {
        "task": space.task,
        "task version": space.task_version,
        **{f"default.{name}": level for name, level in space.defaults.items()},
        **{f"baseline.{name}": level for name, level in space.baseline.items()},
        **{f"fidelity.{n}": "all" if number is None else number for n, number in vars(space.fidelity).items()},
        **_objectives(space),
        "constraints": "; ".join(sorted(map(str, space.constraints))) or "none",
        "vary": ", ".join(sorted(space.vary)),
        "design.kind": "sweep" if design.kind == "sweep" else "no sweep",
        **{f"design.{name}": value for name, value in sampled.items() if design.kind == "sweep"},
    }


def _deciding_conclusions(space: SearchSpace) -> dict[str, str]:
    """Returns everything that a conclusion depends on, except the results.

    Lists are sorted, because another order is not a change.
    """
    design = space.design
    asked: dict[str, Sequence[Level]] = {
        "design": [design.kind],
        "seeds": [f"looks at {seeds_text(space.looks)}"] if space.looks else space.seeds,
        "comparison": [space.comparison],
        "margin": ["none" if space.margin is None else space.margin],
        "chance": ["none" if space.chance is None else space.chance],
        "nuisance": space.nuisance or ["none"],
        "equal size": [str(space.match or "none")],
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
