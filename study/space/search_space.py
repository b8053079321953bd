"""A whole study as it is declared: a value that cannot be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from study.errors import SearchSpaceError
from study.space.constraint import Constraint
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import COSTS, Objective
from study.space.trial import TrialConfig
from study.task import Fidelity, Level, Settings, describe

Keep = Literal["best", "all"]
Method = Literal["welch", "paired", "equal_variances"]
"""How a variant is compared with the baseline; `study.inference.comparisons` says what each of them is."""


@dataclass(frozen=True)
class SearchSpace:
    """A whole study as declared: the baseline, the factors around it, the design, and what it may cost."""

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
    objective: Objective
    """The one, or the first of two; a second one is weighed against it."""
    fidelity: Fidelity
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    description: str = ""
    vary: tuple[str, ...] = ("weights", "order")
    nuisance: tuple[str, ...] = ()
    training: tuple[str, ...] = ()
    """The task's settings that act on its training; where no factor varies them, they are fixed."""
    paired: bool = False
    equal_variances: bool = False
    margin: float | None = None
    trial_timeout: float | None = None
    max_retries: int = 2
    constraints: tuple[Constraint, ...] = ()
    second: Objective | None = None
    keep: Keep = "best"
    """Whose weights stay when the study is complete: the winner's, or every complete cell's."""

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise SearchSpaceError(f"{key}: {text}" for key, text in problems)

    def _problems(self) -> Iterator[tuple[str, str]]:
        names = [factor.name for factor in self.factors]
        if not names:
            yield "factors", "is empty; a study varies at least one factor"
        for factor in self.factors:
            yield from ((f"factors.{factor.name}", problem) for problem in self._misfits(factor))
            yield from ((f"factors.{factor.name}.when.{name}", problem) for name, problem in self._groundless(factor))
        if self.design.kind == "dose" and len(names) > 1:
            yield "factors", f"a dose varies exactly one factor, not {len(names)}: {', '.join(names)}"
        for name in self.nuisance:
            if name not in names:
                yield "nuisance", f"{name!r} is not among the factors: {', '.join(names)}"
        yield from self._contradictions()
        yield from self._untestable()
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            yield "seeds", f"must be one or more different seeds, not {list(self.seeds)}"

    def _misfits(self, factor: Factor) -> Iterator[str]:
        """Why a factor does not fit the baseline or the design."""
        baseline = self.config({}, seed=0).levels()
        if factor.name not in baseline:
            yield f"no such factor in task {self.task!r}"
        elif not factor.holds(level := baseline[factor.name]):
            yield f"must contain the baseline's level, {describe(level)}: add it here, or change the baseline"
        if sum(factor.name == other.name for other in self.factors) > 1:
            yield "is given twice"
        if isinstance(factor.levels, Range) and self.design.kind != "sweep":
            yield f"a range is for sweeps only; kind = {self.design.kind!r} takes a list of levels"

    def _groundless(self, factor: Factor) -> Iterator[tuple[str, str]]:
        """Why a factor's condition cannot be: it names levels of factors that are always there."""
        others = {other.name: other for other in self.factors if other is not factor and not other.when}
        for name, levels in factor.when.items():
            if name not in others:
                yield name, f"must be another factor, one without `when`: {', '.join(others) or 'there is none'}"
            elif wrong := [describe(level) for level in levels if not others[name].holds(level)]:
                yield name, f"the factor has no level {', '.join(wrong)}"
            elif self.design.kind == "ablation" and not factor.exists(self._baseline_levels):
                yield (
                    name,
                    "does not hold at the baseline, so an ablation never varies this; take a grid or a sweep",
                )

    def _contradictions(self) -> Iterator[tuple[str, str]]:
        """Where sampler, pruner and objectives do not go together."""
        design, ranges = self.design, [f for f in self.factors if isinstance(f.levels, Range) and not f.when]
        if design.sampler == "cmaes" and (not ranges or self.second):
            yield (
                "design.sampler",
                "'cmaes' follows one objective over ranges, and draws all else at random; take 'tpe'",
            )
        if design.sampler == "nsga2" and not self.second:
            yield "design.sampler", "'nsga2' weighs two objectives: give two [[objective]] tables, or take 'tpe'"
        if self.second is None:
            return
        if design.kind != "sweep":
            yield "objective", f"two are for sweeps only; kind = {design.kind!r} takes one [objective]"
        if self.objective.metric in COSTS or self.second.metric == self.objective.metric:
            yield (
                "objective",
                f"the first must be a metric of the model and the second another, not {self.second.metric!r}",
            )
        if design.pruner != "none":
            yield "design.pruner", f"{design.pruner!r} judges by one objective, not by two; take 'none'"

    @property
    def method(self) -> Method:
        """How its variants are compared with its baseline."""
        return "paired" if self.paired else "equal_variances" if self.equal_variances else "welch"

    @property
    def replicates(self) -> int:
        """How many seeds each point has that is compared with the baseline."""
        return self.design.confirm.seeds if self.design.kind == "sweep" else len(self.seeds)

    @property
    def _baseline_levels(self) -> Settings:
        return {**self.baseline, "train_examples": self.fidelity.train_examples}

    def _untestable(self) -> Iterator[tuple[str, str]]:
        """Where what is asked of the comparisons cannot be had."""
        if self.paired and self.equal_variances:
            yield "paired", "contradicts equal_variances: pairs are compared by their differences; keep one of the two"
        if self.margin is not None and self.margin <= 0:
            yield "margin", f"must be above 0, not {self.margin}: it is a size, of a difference either way"
        asked = {"paired": self.paired, "equal_variances": self.equal_variances, "margin": self.margin is not None}
        seeds = "design.confirm.seeds" if self.design.kind == "sweep" else "seeds"
        for name in (name for name, given in asked.items() if given and self.replicates == 1):
            yield name, f"asks for a test, and one seed allows none; give {seeds} of at least 2, better 5"

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """The one, or both."""
        return (self.objective,) if self.second is None else (self.objective, self.second)

    def existing(self, point: Settings) -> dict[str, Level]:
        """What a point changes without the factors that do not exist there."""
        levels = {**self._baseline_levels, **point}
        gone = {factor.name for factor in self.factors if not factor.exists(levels)}
        return {name: level for name, level in point.items() if name not in gone}

    def refusal(self, size: Mapping[str, float | None]) -> str:
        """Why a model with so many `parameters` and `flops` is not trained; empty where it is."""
        found = ((constraint, size.get(constraint.size)) for constraint in self.constraints)
        return "; ".join(
            f"{constraint.size} = {'unknown' if number is None else f'{number:_}'}, not {constraint}"
            for constraint, number in found
            if number is None or not constraint.holds(number)
        )

    def config(self, changes: Settings, *, seed: int) -> TrialConfig:
        """The trial at the baseline but for `changes`, on this seed."""
        settings, fidelity = {**self.baseline, **changes}, self.fidelity
        if "train_examples" in changes:
            fidelity = replace(fidelity, train_examples=int(settings.pop("train_examples")))
        return TrialConfig(
            task=self.task,
            task_version=self.task_version,
            settings=settings,
            defaults=self.defaults,
            fidelity=fidelity,
            seed=seed,
            vary=self.vary,
            reference=self.reference,
        )

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values, for the store."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "SearchSpace":
        """The value that `to_json` wrote."""
        values: dict[str, Any] = {key: tuple(item) if isinstance(item, list) else item for key, item in record.items()}
        design = {**record["design"], "confirm": Confirm(**record["design"]["confirm"])}
        second = record.get("second")
        factors = tuple(
            Factor(
                f["name"],
                Range(**f["levels"]) if isinstance(f["levels"], dict) else tuple(f["levels"]),
                tuple(f["choices"]),
                {name: tuple(levels) for name, levels in f.get("when", {}).items()},
            )
            for f in record["factors"]
        )
        values |= {"design": Design(**design), "factors": factors, "objective": Objective(**record["objective"])}
        values |= {"second": Objective(**second) if second else None}
        values |= {"constraints": tuple(Constraint(**constraint) for constraint in record.get("constraints", ()))}
        return cls(**{**values, "fidelity": Fidelity(**record["fidelity"])})


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, Mapping) else value
