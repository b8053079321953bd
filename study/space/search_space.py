"""The search space: everything that a study declares. It checks itself, so a wrong one cannot exist."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from study.errors import Problem, SearchSpaceError
from study.space import validity
from study.space.constraint import Constraint
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.looks import Look, look_seeds
from study.space.match import Match
from study.space.objective import Objective
from study.space.printable import printable
from study.space.surgery import AS_IT_IS, Surgery
from study.space.trial import TrialConfig, levels
from study.task import Fidelity, Level, Settings

Keep = Literal["best", "all"]
Method = Literal["welch", "paired", "equal_variances"]
"""How a variant is compared with the baseline. `study.inference.t_tests` explains each method."""


@dataclass(frozen=True)
class SearchSpace:
    """Everything that a study declares: the baseline, the factors around it, the design, and the budget of a trial."""

    name: str
    reference: str
    """How the task is imported."""
    task: str
    task_version: int
    defaults: Settings = field(repr=False)
    baseline: Settings
    """One value for every setting of the task."""
    factors: tuple[Factor, ...]
    design: Design
    objectives: tuple[Objective, ...]
    """One, or two that are weighed against each other."""
    fidelity: Fidelity
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    """With looks, all seeds that a point may get."""
    description: str = ""
    vary: tuple[str, ...] = ("weights", "order")
    nuisance: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    """The names of the task's settings that act on training. A setting that no factor varies is fixed."""
    comparison: Method = "welch"
    """How variants are compared with the baseline."""
    margin: float | None = None
    trial_timeout: float | None = None
    max_retries: int = 2
    constraints: tuple[Constraint, ...] = ()
    keep: Keep = "best"
    """Which weights stay when the study is complete: those of the best point (`best`), or of every complete cell."""
    surgery: Surgery = AS_IT_IS
    """What the levels of some factors do to the layers of the model."""
    chance: float | None = None
    """The objective of a model that has learned nothing, if the task says it."""
    looks: tuple[int, ...] = ()
    """The seeds of an undecided variant at each look. Empty if every point runs on all seeds."""
    match: Match | None = None
    """What makes all points equally large. None if they have the size that they have."""

    def __post_init__(self) -> None:
        # Here, because it comes from files, from stores and from other machines, and goes to terminals and pages.
        object.__setattr__(self, "description", printable(self.description))
        if problems := list(self._problems()):
            raise SearchSpaceError(problems)

    @property
    def objective(self) -> Objective:
        """Returns the only objective, or the first of two."""
        return self.objectives[0]

    @property
    def replicates(self) -> int:
        """Returns how many seeds each compared point has."""
        return self.design.confirm.seeds if self.design.kind == "sweep" else len(self.seeds)

    @property
    def look_seeds(self) -> tuple[Look, ...]:
        """Returns the seeds of variants and baseline at each look. Empty if the study declares no looks."""
        return look_seeds(self.looks, paired=self.comparison == "paired")

    def existing(self, point: Settings) -> dict[str, Level]:
        """Returns the changes of a point, without the factors that do not exist at it."""
        levels_there = {**self._baseline_levels, **point}
        gone = {factor.name for factor in self.factors if not factor.exists(levels_there)}
        return {name: level for name, level in point.items() if name not in gone}

    def refusal(self, size: Mapping[str, float | None]) -> str:
        """Returns why a model of this size (`parameters` and `flops`) may not be trained; empty if it may."""
        sizes = ((constraint, size.get(constraint.size)) for constraint in self.constraints)
        return "; ".join(
            f"{constraint.size} = {'unknown' if number is None else f'{number:_}'}, not {constraint}"
            for constraint, number in sizes
            if number is None or not constraint.holds(number)
        )

    def config(self, changes: Settings, *, seed: int) -> TrialConfig:
        """Returns the configuration of a trial: the baseline with these `changes`, on this seed."""
        settings, fidelity = {**self.baseline, **changes}, self.fidelity
        if "train_examples" in changes:
            fidelity = replace(fidelity, train_examples=int(settings.pop("train_examples")))
        first = self.objective
        return TrialConfig(
            task=self.task,
            task_version=self.task_version,
            settings=settings,
            defaults=self.defaults,
            fidelity=fidelity,
            seed=seed,
            vary=self.vary,
            reference=self.reference,
            surgery=self.surgery,
            best=(first.metric, first.direction) if first.epoch == "best" else None,
        )

    @property
    def _baseline_levels(self) -> Settings:
        return levels(self.baseline, self.fidelity)

    def _problems(self) -> Iterator[Problem]:
        kind = self.design.kind
        yield from self._factor_problems()
        yield from validity.factor_count(self.factors, kind)
        yield from validity.nuisance(self.nuisance, self.factors)
        yield from validity.search(self.design, self.objectives, self.factors)
        yield from validity.two_objectives(self.design, self.objectives)
        yield from validity.comparison(self.comparison, self.margin, replicates=self.replicates, kind=kind)
        yield from validity.seeds(self.seeds)
        yield from validity.looks(self.looks, self.seeds, kind=kind, nuisance=self.nuisance)

    def _factor_problems(self) -> Iterator[Problem]:
        standard, kind = self._baseline_levels, self.design.kind
        for factor in self.factors:
            yield from validity.factor_at_baseline(factor, standard, task=self.task)
            yield from validity.factor_in_design(factor, self.factors, kind)
            yield from validity.condition(factor, self.factors, levels=standard, kind=kind)

    def to_json(self) -> dict[str, Any]:
        """Returns the whole study as plain values, for the store.

        The keys and their order are those of the first version, so that the first version can read them too.
        """
        first, second = (*(objective.to_json() for objective in self.objectives), None)[:2]
        otherwise: dict[str, dict[str, Any]] = {
            "objectives": {"objective": first},
            "comparison": {name: self.comparison == name for name in _FLAGS},
            "keep": {"second": second, "keep": self.keep},
            "surgery": {"surgery": self.surgery.to_json()} if self.surgery else {},
            "chance": {} if self.chance is None else {"chance": self.chance},
            "looks": {"looks": list(self.looks)} if self.looks else {},
            "match": {"match": self.match.to_json()} if self.match else {},
        }
        record: dict[str, Any] = {}
        for item in fields(self):
            name = item.name
            record |= otherwise[name] if name in otherwise else {name: _plain(getattr(self, name))}
        return record

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "SearchSpace":
        """Returns the study that `to_json` of this or an earlier version wrote."""
        values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in record.items()}
        objectives = values.pop("objective"), values.pop("second", None)
        values["comparison"] = comparison(**{name: values.pop(name, False) for name in _FLAGS})
        values["objectives"] = tuple(Objective(**objective) for objective in objectives if objective is not None)
        values["design"] = _design(record["design"])
        values["factors"] = tuple(map(_factor, record["factors"]))
        values["constraints"] = tuple(Constraint(**constraint) for constraint in record.get("constraints", ()))
        values["fidelity"] = Fidelity(**record["fidelity"])
        values["match"] = Match(**record["match"]) if record.get("match") else None
        values["surgery"] = Surgery.from_json(record.get("surgery", {}))
        return cls(**values)


_FLAGS = ("paired", "equal_variances")
"""The keys that declare a comparison in files and stores. If neither is true, the comparison is Welch's."""


def comparison(*, paired: bool, equal_variances: bool) -> Method:
    """Returns the method that the two flags declare. At most one of them may be true."""
    return "paired" if paired else "equal_variances" if equal_variances else "welch"


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, Mapping) else value


def _design(record: Mapping[str, Any]) -> Design:
    return Design(**{**record, "confirm": Confirm(**record["confirm"])})


def _factor(record: Mapping[str, Any]) -> Factor:
    levels = record["levels"]
    return Factor(
        record["name"],
        Range(**levels) if isinstance(levels, dict) else tuple(levels),
        tuple(record["choices"]),
        {name: tuple(allowed) for name, allowed in record.get("when", {}).items()},
    )
