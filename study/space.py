"""What may vary: the values that a search-space file declares, each of which cannot be wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from study.errors import SearchSpaceError
from study.task import Fidelity, Level, Settings, describe, same
from study.trial import TrialConfig

Kind = Literal["ablation", "dose", "grid", "sweep"]
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
        if self.step is not None and (self.log or not 0 < self.step <= self.high - self.low):
            return f"step must be above 0, at most high - low, and not logarithmic; it is {self.step}"
        return None

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __contains__(self, value: Level) -> bool:
        return not isinstance(value, bool | str) and self.low <= value <= self.high


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
        for place, level in enumerate(self.levels):
            if any(same(level, other) for other in self.levels[:place]):
                raise SearchSpaceError([f"repeats the level {level!r}"])

    def holds(self, value: Level) -> bool:
        """Whether `value` is one of the levels."""
        if isinstance(self.levels, Range):
            return value in self.levels
        return any(same(value, level) for level in self.levels)


@dataclass(frozen=True)
class Objective:
    """The metric that the study is about, as it stands after the last epoch."""

    metric: str
    direction: Literal["maximize", "minimize"]

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
        for factor in self.factors:
            level = self.config({}, seed=0).levels().get(factor.name)
            if level is not None and not factor.holds(level):
                yield f"factors.{factor.name}", f"must contain the baseline's level, {describe(level)}"
            if isinstance(factor.levels, Range) and self.design.kind != "sweep":
                yield (
                    f"factors.{factor.name}",
                    f"a range is for sweeps only; give a {self.design.kind} a list of levels",
                )
        if self.design.kind == "dose" and len(self.factors) != 1:
            yield "factors", f"a dose varies exactly one factor, not {len(self.factors)}"
        for name in self.nuisance:
            if name not in (known := [factor.name for factor in self.factors]):
                yield "nuisance", f"{name!r} is not among the factors: {', '.join(known)}"

    def config(self, changes: Settings, *, seed: int) -> TrialConfig:
        """The trial at the baseline but for `changes`, on this seed."""
        changes = dict(changes)
        examples = changes.pop("train_examples", self.fidelity.train_examples)
        return TrialConfig(
            task=self.task,
            task_version=self.task_version,
            settings={**self.baseline, **changes},
            defaults=self.defaults,
            fidelity=Fidelity(self.fidelity.epochs, int(examples), self.fidelity.validation_examples),
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
