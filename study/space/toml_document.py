"""Puts a search space together from the tables of a file, and collects every problem."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from study.errors import Problem, TaskError
from study.space import rules, validity
from study.space.design import Design, Kind
from study.space.factor import Factor
from study.space.layers_of_task import LayersOfTask
from study.space.objective import Objective
from study.space.points import MOST_CELLS, count_cells
from study.space.refused_points import refused_points
from study.space.search_space import SearchSpace, comparison
from study.space.surgery import TaskWithSurgery
from study.space.task_loading import absolute_reference, load_task
from study.space.toml_design import read_design, read_looks, read_objectives, read_seeds
from study.space.toml_factors import read_baseline, read_factors, read_fidelity
from study.space.toml_match import match_problems, matched, read_match
from study.space.toml_surgery import read_surgery
from study.space.toml_table import Table
from study.space.trial import SOURCES, levels
from study.task import Fidelity, Level, Setting, Task, defaults, same, scores_by_chance


@dataclass(frozen=True)
class _Frame:
    """The parts of a file that can be read without the task. A wrong part is None, or empty if it is a list."""

    objectives: tuple[Objective, ...]
    kind: Kind | None
    design: Design | None
    seeds: tuple[int, ...] | None
    looks: tuple[int, ...]
    simple: Mapping[str, Any]
    """The values of the keys that can be read without any other table, as arguments of SearchSpace."""


@dataclass(frozen=True)
class _Middle:
    """The parts of a file that can be read only with the task. A wrong value is left out or replaced by the default."""

    fidelity: Fidelity
    baseline: Mapping[str, Level]
    factors: tuple[Factor, ...]
    whole: bool
    """Whether every factor of the file is right. Only then can conditions on other factors be checked."""
    known: Mapping[str, Level]
    """The levels of the baseline that are right, by setting."""


def read_space(path: Path, document: Mapping[str, Any], problems: list[Problem]) -> SearchSpace | None:
    """Put together the study that a file declares. Every problem with it is added to `problems`.

    Returns None if the study cannot be put together.
    """
    table = Table(document, problems)
    name, task = _name(path, table), _task(path, table)
    frame = _frame(table, two=isinstance(document.get("objective"), list))
    baseline, fidelity = table.take_table("baseline", rules.BASELINE), table.take_table("fidelity", rules.FIDELITY)
    surgery = table.take_table("surgery", rules.SURGERY)
    optional: tuple[Any, ...] = ({},) if "surgery" in document else ()
    factors = table.inner("factors", table.take("factors", rules.FACTORS, *optional) or {})
    match = read_match(table)
    table.refuse_rest(rules.TOP)
    if task is None:  # Without the task, the other tables cannot be checked.
        return None
    each = LayersOfTask(
        document["task"],
        folder=path.parent,
        file=surgery.take("file", rules.KERAS_FILE, ""),
        baseline=dict(baseline.items()),
    )
    operations = read_surgery(surgery, each=each.hidden, settings=task.settings)
    task = TaskWithSurgery(task, operations)
    middle = _middle(table, baseline=baseline, factors=factors, fidelity=fidelity, task=task)
    problems += [*_factor_problems(middle, frame.kind, task), *_frame_problems(frame, middle)]
    if match:
        problems += match_problems(match, task, [factor.name for factor in middle.factors], frame.kind)
    if problems:
        return None
    space = _put_together(
        name, absolute_reference(document["task"], folder=path.parent), task=task, frame=frame, middle=middle
    )
    if space and match and count_cells(space) <= MOST_CELLS:
        space = matched(space, match, problems)
    problems += () if space is None or problems else refused_points(space, task)
    return space


def _put_together(
    name: str, reference: str, *, task: TaskWithSurgery, frame: _Frame, middle: _Middle
) -> SearchSpace | None:
    if frame.design is None or frame.seeds is None:
        return None
    return SearchSpace(
        name=name,
        reference=reference,
        task=task.name,
        task_version=task.version,
        defaults=defaults(task),
        baseline=middle.baseline,
        factors=middle.factors,
        design=frame.design,
        objectives=frame.objectives,
        fidelity=middle.fidelity,
        seeds=frame.seeds,
        looks=frame.looks,
        chance=scores_by_chance(task).get(frame.objectives[0].metric),
        training=_training(task, middle.baseline, middle.factors),
        surgery=task.surgery,
        **frame.simple,
    )


def _frame(table: Table, *, two: bool) -> _Frame:
    objectives = read_objectives(table)
    kind, design = read_design(table, pruner="none" if two else rules.SOONEST)
    looks = read_looks(table)
    return _Frame(objectives, kind, design, read_seeds(table, kind, looks), looks, _simple(table))


def _middle(table: Table, *, baseline: Table, factors: Table, fidelity: Table, task: TaskWithSurgery) -> _Middle:
    budget = read_fidelity(fidelity, baseline, task)
    settings = read_baseline(baseline, task)
    read = [*read_factors(factors, task), *task.surgery.as_factors()]
    if table.is_wrong_at("baseline") or table.is_wrong_at("fidelity"):
        known = {}
    else:
        all_levels = levels(settings, budget)
        wrong = {name for name in all_levels if baseline.is_wrong_at(name) or fidelity.is_wrong_at(name)}
        known = {name: level for name, level in all_levels.items() if name not in wrong}
    whole = not table.is_wrong_at("factors") and not factors.is_wrong
    return _Middle(budget, settings, tuple(read), whole, known)


def _factor_problems(middle: _Middle, kind: Kind | None, task: Task) -> Iterator[Problem]:
    factors, known = middle.factors, middle.known
    for factor in factors:
        if factor.name in known or (factor.name == "train_examples" and middle.fidelity.train_examples is None):
            yield from validity.factor_at_baseline(factor, known, task=task.name)
        yield from validity.factor_in_design(factor, factors, kind)
        if middle.whole and set(factor.when) <= set(known):
            yield from validity.condition(factor, factors, levels=known, kind=kind)
    if middle.whole:
        yield from validity.factor_count(factors, kind)


def _frame_problems(frame: _Frame, middle: _Middle) -> Iterator[Problem]:
    design, objectives = frame.design, frame.objectives
    if middle.whole:
        yield from validity.nuisance(frame.simple["nuisance"], middle.factors)
    if middle.whole and design is not None and objectives:
        yield from validity.search(design, objectives, middle.factors)
    if design is not None and objectives:
        yield from validity.two_objectives(design, objectives)
    if design is not None and frame.seeds is not None:
        replicates = design.confirm.seeds if design.kind == "sweep" else len(frame.seeds)
        asked = frame.simple["comparison"], frame.simple["margin"]
        yield from validity.comparison(*asked, replicates=replicates, kind=design.kind)
    # A sweep takes no looks, so its one seed is not at fault.
    seeds = range(max(frame.looks, default=0)) if frame.kind == "sweep" else frame.seeds
    yield from validity.looks(frame.looks, seeds, kind=frame.kind, nuisance=frame.simple["nuisance"])


def _name(path: Path, table: Table) -> str:
    """Read the name of the study. Without one, the study is called like its file."""
    if "name" not in table and not rules.NAME.holds(path.stem):
        words = f"is missing, and the file's own name cannot replace it: it must be {rules.NAME.words}"
        table.refuse("name", words, path.stem)
    return str(table.take("name", rules.NAME, path.stem))


def _task(path: Path, table: Table) -> Task | None:
    reference = table.take("task", rules.TASK)
    try:
        return None if reference is None else load_task(reference, folder=path.parent)
    except TaskError as error:
        table.complain("task", str(error))
        return None


def _simple(table: Table) -> dict[str, Any]:
    """Read the top-level keys that need no other table. Returns their values as arguments of SearchSpace."""
    values = {key: table.take(key, rule, default) for key, (rule, default) in rules.SIMPLE.items()}
    flags = {key: values.pop(key) for key in ("paired", "equal_variances")}
    if all(flags.values()):
        text = "contradicts equal_variances: pairs are compared by their differences; keep one of the two"
        table.complain("paired", text)
    return {
        **values,
        "comparison": comparison(**flags),
        "nuisance": tuple(values["nuisance"]),
        "vary": _in_order(values["vary"]),
        "constraints": tuple(map(rules.constraint, values["constraints"])),
    }


def _in_order(vary: Iterable[str]) -> tuple[str, ...]:
    return tuple(source for source in SOURCES if source in vary)


def _training(task: Task, baseline: Mapping[str, Level], factors: Sequence[Factor]) -> tuple[str, ...]:
    """Returns the names of the task's training settings, without those that have no effect at any of the points."""
    varied = {factor.name for factor in factors}

    def acts(setting: Setting) -> bool:
        return all(
            name in varied or any(same(baseline[name], level) for level in levels)
            for name, levels in setting.only.items()
        )

    return tuple(name for name, setting in task.settings.items() if setting.part == "training" and acts(setting))
