"""The contract of a task, which a user's plug-in keeps. Nothing here loads or runs a task."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args, runtime_checkable

from study.errors import TaskError

if TYPE_CHECKING:  # A task's model is a Keras model, yet reading a file must not import Keras (or NumPy).
    import keras
    import numpy as np

Level = bool | int | float | str
Settings = Mapping[str, Level]
Part = Literal["data", "model", "training"]
PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
"""Keras's names for the precision of a model's computations. Weights are float32 in each of them."""
Progress = Callable[[int, int], None]
"""Called with (done, total) during long work."""
Examples = tuple[Any, ...]
"""`(inputs,)`, `(inputs, targets)` or `(inputs, targets, sample_weight)`, with the examples along the first axis.

Each part is an array, or a dict, tuple or list of such parts, as Keras's `fit` takes it.
"""
Splits = Mapping[str, Any]
"""The examples of each split by its name: `pool`, and perhaps `validation` and `test`.

Without `validation` the last tenth of the pool is taken. `class_weight` may stand beside the splits: a dict from the
number of a class to its weight in the training.
"""


def same(a: Level, b: Level) -> bool:
    """Whether two levels are the same. 1 and 1.0 are the same, but `true` equals neither of them."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def describe(value: Level) -> str:
    """Returns a level as a person writes it."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def describe_count(examples: int | None) -> str:
    """Returns a number of examples as a person writes it; None means all of them."""
    return "all" if examples is None else f"{examples:,}"


def plain(value: Any) -> Any:
    """Returns the number, text or truth value in a NumPy scalar; returns any other value as it is."""
    if getattr(value, "shape", None) != () or not hasattr(value, "item"):
        return value
    item = value.item()
    # NumPy writes the shortest number that it would read back: a float32 of 0.05 is 0.05, not 0.05000000074505806.
    return float(str(value)) if isinstance(item, float) else item


def no_level(value: object) -> str | None:
    """Returns why a value cannot be a level, with the way out, or None if it can be one."""
    if isinstance(value, str):
        unwritable = any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value)
        return "a text must be Unicode without the character NUL" if unwritable else None
    if isinstance(value, float) and not math.isfinite(value):
        return "a number must be finite"
    if isinstance(value, bool | int | float):
        return None
    return f"a level is a text, a number or a truth value: write {_way_out(value)}"


def _way_out(value: object) -> str:
    if value is None:
        return "'none'"
    items = list(value.items()) if isinstance(value, Mapping) else value
    if isinstance(items, list | tuple) and items and all(isinstance(item, int | float | str) for item in items):
        return f"a text such as {'-'.join(map(str, items))!r}, and take it apart in `build`"
    return "a text that names it, and look it up in `build`"


@dataclass(frozen=True)
class Setting:
    """One thing about a task that a study may set or vary: its default, and the values that it may have.

    Give `choices`, or `low` and `high` (inclusive) for numbers. If the default is whole, only whole numbers are
    allowed. A text needs choices. A flag has the choices true and false. A NumPy scalar becomes a Python value.
    `part` says what the setting acts on: the data (each value gets its own data set), the model, or its training.
    """

    default: Level
    choices: tuple[Level, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    part: Part = "model"
    only: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    """The levels of other settings at which this setting has an effect; empty if it always has one."""
    any_text: bool = False
    """Whether a text without choices may be any text. If not, a text needs choices."""
    fractions: str = field(default="", compare=False)
    """How the task's author can allow fractions where only whole numbers are allowed, for a message."""

    def __post_init__(self) -> None:
        self._make_plain()
        for what, value in self._levels():
            if problem := no_level(value):
                raise TaskError(f"{what} {value!r} cannot be a level: {problem}")
        self._check_bounds()
        if self.part not in get_args(Part):
            raise TaskError(f"the part must be one of {', '.join(get_args(Part))}, not {self.part!r}")
        if isinstance(self.default, str) and not self.choices and not self.any_text:
            raise TaskError(f"the text {self.default!r} needs choices")
        if problem := self.problem(self.default):
            raise TaskError(f"the default {self.default!r} breaks its own rule: {problem}")

    def _make_plain(self) -> None:
        """Replace NumPy's scalars by Python's values, because JSON and every comparison need these."""
        if isinstance(self.choices, str | Mapping) or not isinstance(self.choices, Iterable):
            raise TaskError(f"the choices must be a list of levels, not {self.choices!r}")
        for name in ("default", "low", "high"):
            object.__setattr__(self, name, plain(getattr(self, name)))
        object.__setattr__(self, "choices", tuple(map(plain, self.choices)))
        object.__setattr__(self, "only", {name: _as_levels(levels) for name, levels in self.only.items()})

    def _levels(self) -> Iterator[tuple[str, object]]:
        """Yields every level that the task's author wrote, after words that say what it is."""
        yield "the default", self.default
        yield from (("the choice", choice) for choice in self.choices)
        yield from ((f"the level of {name}", level) for name, levels in self.only.items() for level in levels)

    def _check_bounds(self) -> None:
        for name in ("low", "high"):
            bound = getattr(self, name)
            if isinstance(bound, bool) or not isinstance(bound, int | float) or math.isnan(bound):
                raise TaskError(f"{name} must be a number, not {bound!r}")
        if self.low > self.high:
            raise TaskError(f"low must not be above high, but {self.low!r} is above {self.high!r}")

    @property
    def allowed(self) -> tuple[Level, ...]:
        """Returns every value that is allowed; empty if the setting is a number between bounds."""
        return self.choices or ((False, True) if isinstance(self.default, bool) else ())

    def problem(self, value: object) -> str | None:
        """Returns the rule that `value` breaks, or None if it breaks none."""
        if self.allowed:
            return None if self._choice(value) is not None else f"must be one of {self._names(value)}"
        if isinstance(self.default, str):
            return None if isinstance(value, str) and not no_level(value) else "must be a text"
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
            return f"must be a {'whole ' if whole else ''}number"
        if whole and value != int(value):
            return f"must be a whole number{f' ({self.fractions})' if self.fractions else ''}"
        if not self.low <= value <= self.high:
            return f"must be {self._bounds()}"
        return None

    def level(self, value: Level) -> Level:
        """Turn an allowed value into the setting's own type, so that 16.0 and 16 become the same text."""
        choice = self._choice(value)
        return type(self.default)(value) if choice is None else choice

    def _choice(self, value: object) -> Level | None:
        """Returns the allowed level that a value means. None if there is none, or if numbers between bounds are."""
        if not isinstance(value, Level):
            return None
        exact = [choice for choice in self.allowed if same(value, choice)]
        # A choice may be 0.30000000000000004, as NumPy makes it. A person writes it as it is described: 0.3.
        return next(iter(exact or [choice for choice in self.allowed if _alike(value, choice)]), None)

    def _names(self, value: object) -> str:
        """Returns the allowed levels for a message. Exact and quoted if the value looks like one of them."""
        names = list(map(describe, self.allowed))
        if isinstance(value, Level) and describe(value) in names:
            names = [
                name if isinstance(level, bool) else repr(level)
                for name, level in zip(names, self.allowed, strict=True)
            ]
        return ", ".join(names)

    def _bounds(self) -> str:
        if math.isinf(self.high):
            return f"at least {self.low:.12g}"
        return f"at most {self.high:.12g}" if math.isinf(self.low) else f"between {self.low:.12g} and {self.high:.12g}"


def _as_levels(levels: Any) -> tuple[Level, ...]:
    """Returns levels as a tuple. A single level may be given as it is."""
    several = isinstance(levels, Iterable) and not isinstance(levels, str)
    return tuple(map(plain, levels)) if several else (plain(levels),)


def _alike(a: Level, b: Level) -> bool:
    return isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-12)


@dataclass(frozen=True)
class Fidelity:
    """The budget of one trial. Numbers of examples that are None mean all examples that the data have."""

    epochs: int
    train_examples: int | None = None
    validation_examples: int | None = None

    def __post_init__(self) -> None:
        for name, given in list(vars(self).items()):
            object.__setattr__(self, name, value := plain(given))
            if value is None and name != "epochs":
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise TaskError(f"fidelity.{name} must be a whole number of at least 1, not {value!r}")

    def counted(self, counts: Mapping[str, int]) -> "Fidelity":
        """Returns this budget with numbers in place of `all examples`, if `counts` has those of the data's splits."""
        train, validation = self.train_examples, self.validation_examples
        return Fidelity(
            self.epochs,
            counts.get("pool") if train is None else train,
            counts.get("validation") if validation is None else validation,
        )

    def texts(self) -> dict[str, str]:
        """Returns each part of the budget as a person writes it."""
        return {name: "all" if number is None else str(number) for name, number in vars(self).items()}


TAKEN = {
    **dict.fromkeys(vars(Fidelity(1)), "a part of the fidelity; give it another name"),
    "seed": "the trial's own seed; give it another name, such as 'data_seed'",
}
"""Names that no setting may have, because a trial's tags, its table or its file would then hold two values of one name.
"""


@runtime_checkable
class Task(Protocol):
    """The plug-in of a user: a data set, and the function that builds the model.

    A user writes a file with the functions `data` and `build`, which `study.space.function_task` turns into a task, or
    a class with these parts.

    Raise `version` whenever the meaning of a default changes, so that nobody mistakes old results for new ones.
    `fidelity` is a trial at full size. It gives the numbers that a file leaves out, and no file may ask for more
    examples. The training loop uses the settings named `batch_size` and `precision` if there are such: before `build`
    is called, Keras gets a `precision` that is one of PRECISIONS.

    A task may also have these. The functions `packages`, `shuffles`, `metric_groups` and `scores_by_chance` know the
    defaults.
    - `packages: Sequence[str]`, the installed packages whose versions decide the data, such as `("qrcode",)`. A data
      set records their versions and NumPy's. Default: none.
    - `shuffle: bool`, whether the examples come in another order in each epoch. Default: they do.
    - `metric_groups: Mapping[str, str]`, metrics that belong together and differ by a number. Each group has a name and
      a regular expression that matches the whole name of a metric. Its one pair of brackets holds the number, as in
      `{"digit": r"val_digit_(\\d+)_acc"}`. Figures draw a group by this number. Default: none.
    - `scores_by_chance: Mapping[str, float]`, what a model that has learned nothing reaches, by metric, such as
      `{"val_accuracy": 0.1}`. Verdicts then know which seeds did not learn. Default: values that fall into two groups
      tell it.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def settings(self) -> Mapping[str, Setting]: ...
    @property
    def fidelity(self) -> Fidelity: ...

    def problems(self, settings: Settings) -> Sequence[str]:
        """Returns why this combination of settings is impossible, a line for each reason; empty if it is possible."""

    def data(self, settings: Settings, progress: Progress) -> Splits:
        """Make the whole data set. This function may read only settings with `part="data"`."""

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """Build and compile a model. Its training then takes `steps` batches, at least 1.

        The metrics of the model become the metrics of the trial.
        """


@runtime_checkable
class Fresh(Protocol):
    """An optional part of a task. `study verify` uses it to try the best model on examples that are in no split."""

    def fresh(self, settings: Settings, *, count: int, seed: int) -> Examples:
        """Make `count` examples that are in no split of the data at these settings."""

    def text(self, target: "np.ndarray") -> str:
        """Returns one target, or one answer of a model, as a person writes it."""


def defaults(task: Task) -> dict[str, Level]:
    """Returns the default of every setting of the task."""
    return {name: setting.default for name, setting in task.settings.items()}


def packages(task: Task) -> Sequence[str]:
    """Returns the packages whose versions decide the task's data, besides NumPy."""
    names: Sequence[str] = getattr(task, "packages", ())
    return names


def shuffles(task: Task) -> bool:
    """Returns whether each epoch trains on the examples in another order. If not, the order is that of the data."""
    return bool(getattr(task, "shuffle", True))


def metric_groups(task: Task) -> Mapping[str, str]:
    """Returns the task's groups of metrics: the name of each group, and the regular expression of its metrics."""
    groups: Mapping[str, str] = getattr(task, "metric_groups", {})
    return groups


def scores_by_chance(task: Task) -> Mapping[str, float]:
    """Returns what a model that has learned nothing reaches, by metric."""
    scores: Mapping[str, float] = getattr(task, "scores_by_chance", {})
    return scores


def numbered(pattern: str, metrics: Iterable[str]) -> dict[int, str]:
    """Returns the metrics that match the pattern of a metric group, by number, the lowest first."""
    matches = [match for name in metrics if (match := re.fullmatch(pattern, name))]
    return dict(sorted((int(match[1]), match[0]) for match in matches))
