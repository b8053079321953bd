"""Checks whether a study is possible. Each function checks some parts of it, and yields a problem for each broken rule.

The reader of a file calls only the functions whose parts it could read, so that no mistake is reported twice.
"""

from collections.abc import Iterator, Sequence

from study.errors import Problem
from study.space.design import Design, Kind
from study.space.factor import Factor, Range
from study.space.looks import FEWEST
from study.space.objective import COSTS, Objective
from study.task import Settings, describe


def factor_count(factors: Sequence[Factor], kind: Kind | None) -> Iterator[Problem]:
    """Check that there is a factor. If the kind of design is known, check also that it can have so many factors."""
    names = [factor.name for factor in factors]
    if not names:
        yield Problem("factors", "is empty; a study varies at least one factor")
    if kind == "dose" and len(names) > 1:
        yield Problem("factors", f"a dose varies exactly one factor, not {len(names)}: {', '.join(names)}")


def factor_at_baseline(factor: Factor, levels: Settings, *, task: str) -> Iterator[Problem]:
    """Check that the task has this factor, and that its levels include the baseline's. The baseline has `levels`."""
    if factor.name not in levels and factor.name == "train_examples":
        text = "needs a number of examples at the baseline: give train_examples in [fidelity], one of these levels"
        yield Problem(f"factors.{factor.name}", text)
    elif factor.name not in levels:
        yield Problem(f"factors.{factor.name}", f"no such factor in task {task!r}")
    elif not factor.holds(level := levels[factor.name]):
        text = f"must contain the baseline's level, {describe(level)}: add it here, or change the baseline"
        yield Problem(f"factors.{factor.name}", text)


def factor_in_design(factor: Factor, factors: Sequence[Factor], kind: Kind | None) -> Iterator[Problem]:
    """Check that a factor is given once. If the kind of design is known, check also that it can take such levels."""
    key = f"factors.{factor.name}"
    if sum(factor.name == other.name for other in factors) > 1:
        yield Problem(key, "is given twice")
    if isinstance(factor.levels, Range) and kind not in ("sweep", None):
        yield Problem(key, f"a range is for sweeps only; kind = {kind!r} takes a list of levels")


def condition(factor: Factor, factors: Sequence[Factor], *, levels: Settings, kind: Kind | None) -> Iterator[Problem]:
    """Check that a factor's condition names levels of factors that always exist. The baseline has these `levels`."""
    others = {other.name: other for other in factors if other is not factor and not other.when}
    for name, asked in factor.when.items():
        key = f"factors.{factor.name}.when.{name}"
        if name not in others:
            yield Problem(key, f"must be another factor, one without `when`: {', '.join(others) or 'there is none'}")
        elif wrong := [describe(level) for level in asked if not others[name].holds(level)]:
            yield Problem(key, f"the factor has no level {', '.join(wrong)}")
        elif kind == "ablation" and not factor.exists(levels):
            text = "does not hold at the baseline, so an ablation never varies this; take a grid or a sweep"
            yield Problem(key, text)


def nuisance(names: Sequence[str], factors: Sequence[Factor]) -> Iterator[Problem]:
    """Check that every nuisance factor is a factor of the study."""
    known = [factor.name for factor in factors]
    for name in names:
        if name not in known:
            yield Problem("nuisance", f"{name!r} is not among the factors: {', '.join(known)}")


def search(design: Design, objectives: Sequence[Objective], factors: Sequence[Factor]) -> Iterator[Problem]:
    """Check that the sampler of a sweep suits its objectives and factors."""
    ranges = [factor for factor in factors if isinstance(factor.levels, Range) and not factor.when]
    if design.sampler == "cmaes" and (not ranges or len(objectives) > 1):
        text = "'cmaes' needs a range and one objective, and chooses all other levels at random; take 'tpe'"
        yield Problem("design.sampler", text)
    if design.sampler == "nsga2" and len(objectives) == 1:
        text = "'nsga2' needs two objectives: give two [[objective]] tables, or take 'tpe'"
        yield Problem("design.sampler", text)


def two_objectives(design: Design, objectives: Sequence[Objective]) -> Iterator[Problem]:
    """Check that the design can weigh two objectives, if there are two."""
    if any(objective.metric in COSTS and objective.epoch == "best" for objective in objectives):
        yield Problem("objective.epoch", "'best' needs a metric that the model reports after each epoch, not a cost")
    if len(objectives) == 1:
        return
    if len(objectives) != 2:
        yield Problem("objective", f"must be one or two, not {len(objectives)}")
        return
    first, second = objectives
    if design.kind != "sweep":
        yield Problem("objective", f"two are for sweeps only; kind = {design.kind!r} takes one [objective]")
    if first.metric in COSTS or second.metric == first.metric:
        text = f"the first must be a metric of the model, and the second must differ, not {second.metric!r}"
        yield Problem("objective", text)
    if second.epoch != first.epoch and second.metric not in COSTS:
        yield Problem("objective.epoch", "both objectives are measured on one model; give both the same epoch")
    if design.pruner != "none":
        yield Problem("design.pruner", f"{design.pruner!r} can judge by one objective only, not by two; take 'none'")


def comparison(method: str, margin: float | None, *, replicates: int, kind: Kind) -> Iterator[Problem]:
    """Check that `replicates` seeds at each point allow the tests that are asked for."""
    if margin is not None and margin <= 0:
        yield Problem("margin", f"must be above 0, not {margin}: it is the size of a difference in either direction")
    asked = {method: method != "welch", "margin": margin is not None}
    seeds = "design.confirm.seeds" if kind == "sweep" else "seeds"
    for name in (name for name, given in asked.items() if given and replicates == 1):
        text = f"asks for a test, which one seed does not allow; give {seeds} of at least 2, better 5"
        yield Problem(name, text)


def seeds(given: Sequence[int]) -> Iterator[Problem]:
    """Check that there are seeds, each given once."""
    if not given or len(set(given)) < len(given):
        yield Problem("seeds", f"must be one or more different seeds, not {list(given)}")


def looks(
    given: Sequence[int], seeds: Sequence[int] | None, *, kind: Kind | None, nuisance: Sequence[str]
) -> Iterator[Problem]:
    """Check that a study may look at so many seeds, one look after another.

    `seeds` are those of the last look; None if they are not known.
    """
    if not given:
        return
    if given[0] < FEWEST:
        text = f"the first must be at {FEWEST} seeds or more, not {given[0]}: fewer decide by chance if some seeds fail"
        yield Problem("looks", text)
    if list(given) != sorted(set(given)):
        yield Problem("looks", f"must be numbers of seeds, each larger than the one before, not {list(given)}")
    elif seeds is not None and list(seeds) != list(range(first := min(seeds, default=0), first + given[-1])):
        text = f"the last look needs {given[-1]} seeds, each one more than the one before, not {list(seeds)}"
        yield Problem("looks", text)
    if len(given) == 1:
        yield Problem("looks", f"must be two or more; for a single look give seeds = {given[0]}")
    if kind == "sweep":
        yield Problem("looks", "a sweep runs each suggested point once; give design.confirm.seeds instead")
    if kind == "grid" and nuisance:
        text = "cannot go with `nuisance` in a grid, where results choose each point's best level; give `seeds` instead"
        yield Problem("looks", text)
