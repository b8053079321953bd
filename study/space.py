"""What may vary: the values that a search-space file declares, each of which cannot be wrong."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args

from study.errors import SearchSpaceError
from study.task import Fidelity, Level, Settings, describe, same
from study.trial import TrialConfig

Kind = Literal["ablation", "dose", "grid", "sweep"]
Direction = Literal["maximize", "minimize"]
Sampler = Literal["tpe", "random"]
Pruner = Literal["none", "median"]


@dataclass(frozen=True)
class Range:
    """Every number from `low` to `high`; whole ones only where both ends are whole."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    def __post_init__(self) -> None:
        if problem := self._problem():
            raise SearchSpaceError([problem])

    def _problem(self) -> str | None:
        if not self.low < self.high:
            return f"low must be below high, not {self.low} and {self.high}"
        if self.log and self.low <= 0:
            return f"a logarithmic range must begin above 0, not at {self.low}"
        if self.step is None:
            return None
        if self.log:
            return f"a logarithmic range takes no step, not {self.step}"
        if self.whole and not _is_whole(self.step):
            return f"step must be whole where low and high are, not {self.step}"
        if not self.step > 0 or not _is_whole((self.high - self.low) / self.step):
            return f"high - low must be a number of whole steps: {self.step} does not divide {self.high - self.low:g}"
        return None

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def spacing(self) -> int | float | None:
        """How far its numbers lie apart; None where it holds every number in between."""
        return int(self.step or 1) if self.whole else self.step

    @property
    def size(self) -> int | None:
        """How many numbers it holds; None where they cannot be counted."""
        return None if self.spacing is None else round((self.high - self.low) / self.spacing) + 1

    def at(self, place: int) -> int | float:
        """The number at a place, the lowest at 0; only where they can be counted."""
        number = self.low + place * (self.spacing or 0)
        # Three steps of 0.1 are meant to be 0.3, not 0.30000000000000004.
        return number if self.whole else min(max(float(f"{number:.12g}"), self.low), self.high)

    def __contains__(self, value: Level) -> bool:
        if isinstance(value, bool | str) or not self.low <= value <= self.high:
            return False
        return self.spacing is None or _is_whole((value - self.low) / self.spacing)


def _is_whole(number: float) -> bool:
    return math.isfinite(number) and abs(number - round(number)) < 1e-8


@dataclass(frozen=True)
class Factor:
    """One thing the study varies, and the levels it may take."""

    name: str
    levels: tuple[Level, ...] | Range
    choices: tuple[Level, ...] = ()
    """Every level that the task allows, where these can be listed."""

    def __post_init__(self) -> None:
        if isinstance(self.levels, Range):
            return
        if len(self.levels) < 2:
            raise SearchSpaceError([f"needs at least two levels, the baseline's among them, not {list(self.levels)}"])
        seen: set[object] = set()
        for level in self.levels:
            value, name = (isinstance(level, bool), level), describe(level)
            if value in seen:
                raise SearchSpaceError([f"repeats the level {name}"])
            if name in seen:
                raise SearchSpaceError(
                    [f"has two levels that would be named {name}; numbers are written in six digits"]
                )
            seen |= {value, name}

    @property
    def size(self) -> int | None:
        """How many levels it has; None where they cannot be counted."""
        return self.levels.size if isinstance(self.levels, Range) else len(self.levels)

    def holds(self, value: Level) -> bool:
        """Whether `value` is one of the levels."""
        if isinstance(self.levels, Range):
            return value in self.levels
        return any(same(value, level) for level in self.levels)


@dataclass(frozen=True)
class Objective:
    """The metric that the study is about, as it stands after the last epoch."""

    metric: str
    direction: Direction

    def __post_init__(self) -> None:
        if not self.metric or self.direction not in get_args(Direction):
            raise SearchSpaceError([f"objective: must be a metric and a direction, not {self}"])

    @property
    def sign(self) -> int:
        """1 where more is better, -1 where less is."""
        return 1 if self.direction == "maximize" else -1


@dataclass(frozen=True)
class Confirm:
    """After a sweep's search: the `top` points and the baseline are run again on `seeds` fresh seeds."""

    top: int = 3
    seeds: int = 5


@dataclass(frozen=True)
class Design:
    """How points are chosen; all but kind and seed concern sweeps alone."""

    kind: Kind
    seed: int = 0
    trials: int = 0
    sampler: Sampler = "tpe"
    pruner: Pruner = "none"
    confirm: Confirm = field(default_factory=Confirm)


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
    fidelity: Fidelity
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    description: str = ""
    vary: tuple[str, ...] = ("weights", "order")
    nuisance: tuple[str, ...] = ()
    paired: bool = False
    equal_variances: bool = False
    margin: float | None = None
    trial_timeout: float | None = None
    max_retries: int = 2

    def __post_init__(self) -> None:
        if problems := list(self._problems()):
            raise SearchSpaceError(f"{key}: {text}" for key, text in problems)

    def _problems(self) -> Iterator[tuple[str, str]]:
        names = [factor.name for factor in self.factors]
        if not names:
            yield "factors", "is empty; a study varies at least one factor"
        for factor in self.factors:
            yield from ((f"factors.{factor.name}", problem) for problem in self._misfits(factor))
        if self.design.kind == "dose" and len(names) > 1:
            yield "factors", f"a dose varies exactly one factor, not {len(names)}: {', '.join(names)}"
        for name in self.nuisance:
            if name not in names:
                yield "nuisance", f"{name!r} is not among the factors: {', '.join(names)}"
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
        factors = tuple(
            Factor(
                f["name"],
                Range(**f["levels"]) if isinstance(f["levels"], dict) else tuple(f["levels"]),
                tuple(f["choices"]),
            )
            for f in record["factors"]
        )
        values |= {"design": Design(**design), "factors": factors, "objective": Objective(**record["objective"])}
        return cls(**{**values, "fidelity": Fidelity(**record["fidelity"])})


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
