"""What a plug-in provides, and how a name becomes one."""

import importlib
import importlib.util
import math
import re
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from study.errors import TaskError

if TYPE_CHECKING:  # A task's model is a Keras model, yet reading a file must not import Keras (or NumPy).
    import keras
    import numpy as np

Level = bool | int | float | str
Settings = Mapping[str, Level]
Progress = Callable[[int, int], None]
"""Called with (done, total) while something long is made."""
Examples = tuple["np.ndarray", "np.ndarray"]
"""Inputs and targets, the examples along the first axis."""
Splits = Mapping[str, Examples]
"""`pool`, `validation` and, where there is one, `test`."""

BUILT_IN = {"qr_digits": "study.tasks.qr_digits:task"}


def same(a: Level, b: Level) -> bool:
    """Whether two levels are one: 1 and 1.0 are, `true` is neither of them."""
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def describe(value: Level) -> str:
    """A level as a person writes it."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True)
class Setting:
    """One thing about a task that a study may set or vary: its default, and the values it may take.

    Give `choices`, or `low` and `high` (inclusive) for numbers; whole numbers only where the default is whole. A text
    needs choices; true and false are the choices of a flag.
    `part` says what it acts on: the data (a set is made for each value), the model, or its training.
    """

    default: Level
    choices: tuple[Level, ...] = ()
    low: float = -math.inf
    high: float = math.inf
    part: Literal["data", "model", "training"] = "model"
    only: Mapping[str, tuple[Level, ...]] = field(default_factory=dict)
    """Other settings, and the levels of theirs at which this one does anything; where none is named it always does."""

    def __post_init__(self) -> None:
        if isinstance(self.default, str) and not self.choices:
            raise TaskError(f"the text {self.default!r} needs choices")
        if problem := self.problem(self.default):
            raise TaskError(f"the default {self.default!r} breaks its own rule: {problem}")

    @property
    def allowed(self) -> tuple[Level, ...]:
        """Every value that it may take; empty for numbers between bounds."""
        return self.choices or ((False, True) if isinstance(self.default, bool) else ())

    def problem(self, value: object) -> str | None:
        """The rule that `value` breaks, or None."""
        if self.allowed:
            if isinstance(value, Level) and any(same(value, choice) for choice in self.allowed):
                return None
            return "must be one of " + ", ".join(map(describe, self.allowed))
        whole = isinstance(self.default, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -math.inf < value < math.inf:
            return f"must be a {'whole ' if whole else ''}number"
        if whole and value != int(value):
            return "must be a whole number"
        if not self.low <= value <= self.high:
            return f"must be {self._bounds()}"
        return None

    def level(self, value: Level) -> Level:
        """An allowed value in the setting's own type, so that 16.0 and 16 are written alike."""
        if self.allowed:
            return next(choice for choice in self.allowed if same(value, choice))
        return type(self.default)(value)

    def _bounds(self) -> str:
        if math.isinf(self.high):
            return f"at least {self.low:.12g}"
        return f"at most {self.high:.12g}" if math.isinf(self.low) else f"between {self.low:.12g} and {self.high:.12g}"


@dataclass(frozen=True)
class Fidelity:
    """The budget of one trial."""

    epochs: int
    train_examples: int
    validation_examples: int

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise TaskError(f"fidelity.{name} must be a whole number of at least 1, not {value!r}")


@runtime_checkable
class Task(Protocol):
    """What a user plugs in: a data set, and the function that builds the model.

    `version` is raised whenever the meaning of a default changes, so that old results are not taken for new ones.
    `fidelity` is a trial at full size: it fills what a file leaves out, and no file may ask for more examples.
    A setting named `batch_size`, where there is one, is used by the training loop.
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
        """Why this combination of settings cannot be, a line each; empty where it can."""

    def data(self, settings: Settings, progress: Progress) -> Splits:
        """Make the whole data set; of the settings it may read only those whose part is `data`."""

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """Build and compile a model, to be trained for `steps` (at least 1) batches; its metrics are the trial's."""


@runtime_checkable
class Fresh(Protocol):
    """What a task may offer besides, so that `study verify` can ask its best model about examples of no split."""

    def fresh(self, settings: Settings, *, count: int, seed: int) -> Examples:
        """`count` examples that are in no split of the data at these settings."""

    def text(self, target: "np.ndarray") -> str:
        """One target, or one answer of a model, as a person writes it."""


def defaults(task: Task) -> dict[str, Level]:
    """Every setting of the task at its default."""
    return {name: setting.default for name, setting in task.settings.items()}


def load(reference: str, *, folder: Path) -> Task:
    """The task that `reference` names: a built-in one, `package.module:name`, or `./file.py:name` seen from `folder`.

    Raises TaskError with one line that says what went wrong.
    """
    place, _, name = BUILT_IN.get(reference, reference).rpartition(":")
    if not place or not name:
        raise TaskError(f"no such task: {reference!r}; give {_ways()}")
    # As `python -m study` does of itself, and an installed `study` does not: modules in the current folder are found.
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    try:
        module = _from_file(folder / place) if place.endswith(".py") else importlib.import_module(place)
        task = getattr(module, name)
        missing = [part for part in _PARTS if not hasattr(task, part)]
    except (Exception, SystemExit) as error:  # A user's module may raise anything at all while it is imported.
        raise TaskError(f"task {reference!r} cannot be imported: {type(error).__name__}: {error}") from error
    if missing:
        raise TaskError(f"task {reference!r} lacks {', '.join(missing)}; a task provides {', '.join(_PARTS)}")
    if not re.fullmatch(r"\w[\w-]*", str(task.name)):
        raise TaskError(f"task {reference!r}: its name must be letters, digits, '_' and '-', not {task.name!r}")
    if problem := _misfit(task):
        raise TaskError(f"task {reference!r} {problem}")
    return task  # type: ignore[no-any-return]


_PARTS = ("name", "version", "settings", "fidelity", "problems", "data", "build")


def _misfit(task: Any) -> str | None:
    """What is wrong with the parts of a task: it is its user's code, and nothing else looks at it before it is used."""
    if isinstance(task, type):
        return f"is a class; name one of it, as in task = {task.__name__}()"
    if isinstance(task.version, bool) or not isinstance(task.version, int):
        return f"has the version {task.version!r}; it must be a whole number"
    if not isinstance(task.fidelity, Fidelity):
        return f"has the fidelity {task.fidelity!r}; it must be a Fidelity"
    settings = task.settings
    if not isinstance(settings, Mapping) or not all(isinstance(setting, Setting) for setting in settings.values()):
        return "has settings that are none; they must map each name to a Setting"
    if taken := sorted(set(settings) & {"train_examples", "validation_examples", "epochs"}):
        return f"has a setting {taken[0]!r}, which is the name of a part of the fidelity; name it otherwise"
    if unknown := sorted({other for setting in settings.values() for other in setting.only} - set(settings)):
        return f"has a setting that acts `only` at levels of {unknown[0]!r}, which is none of its settings"
    return None


def _ways() -> str:
    return f"{', '.join(map(repr, BUILT_IN))}, 'package.module:name' or './file.py:name'"


def _from_file(path: Path) -> Any:
    path = path.resolve()
    # One module for a file however often it is named, so that what it defines is the same object everywhere.
    name = f"study_task_{zlib.crc32(bytes(path)):08x}_{path.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
