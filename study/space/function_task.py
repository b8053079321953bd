"""A task that is a Python file with plain functions: `data` makes the data, `build` returns a compiled model.

The file imports nothing of this package. The parameters of its functions are the task's settings. They are read from
its text if that can be done, because an import of Keras takes seconds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from study.errors import TaskError
from study.space.annotation import NOTHING
from study.space.function_settings import BATCH_SIZE, FUNCTIONS, PRECISION, REQUIRED, settings_of
from study.space.module_text import ModuleText, UnreadableError
from study.space.signature import Signature, signature_in_text, signature_of
from study.task import PRECISIONS, Fidelity, Progress, Setting, Settings, Splits

CONSTANTS: Mapping[str, Any] = {
    "version": 1,
    "epochs": 1,  # As `fit` itself.
    BATCH_SIZE: None,
    PRECISION: None,
    "shuffle": True,
    "packages": (),
    "metric_groups": {},
    "scores_by_chance": {},
}
"""The constants that a file may define, and what they are if it does not."""
_PASSED_ON = ("metric_groups", "scores_by_chance")
_NOT_IGNORED = ("data", "build", "callbacks", "before_epoch", "fit", "problems")
"""Functions whose names no variable of the file may have, because its author thinks that it is used."""


@dataclass(frozen=True)
class FunctionTask:
    """A task made of the functions and constants of a module, in the contract that `study.task.Task` describes."""

    name: str
    file: Path
    signatures: Mapping[str, Signature]
    """The functions that the file has."""
    settings: Mapping[str, Setting]
    fidelity: Fidelity
    module: Callable[[], Any] = field(compare=False, repr=False)
    """Imports the module and returns it. Raises TaskError."""
    version: int = 1
    shuffle: bool = True
    packages: Sequence[str] = ()
    metric_groups: Mapping[str, str] = field(default_factory=dict)
    scores_by_chance: Mapping[str, float] = field(default_factory=dict)

    def function(self, name: str) -> Callable[..., Any]:
        """Returns a function of the file, which is imported now."""
        function: Callable[..., Any] = getattr(self.module(), name)
        return function

    def call(self, name: str, settings: Settings, offers: Mapping[str, Callable[[], Any]]) -> Any:
        """Call a function with what its signature names: settings, and offers, which are evaluated only if named."""
        signature = self.signatures[name]
        arguments = {
            parameter.name: self._argument(signature, parameter.name, settings, offers)
            for parameter in signature.parameters
            if parameter.name in self.settings or parameter.name in offers or parameter.default is NOTHING
        }
        return self.function(name)(**arguments)

    def _argument(
        self, signature: Signature, name: str, settings: Settings, offers: Mapping[str, Callable[[], Any]]
    ) -> Any:
        if name in offers and name in FUNCTIONS[signature.function]:
            return offers[name]()
        if name in self.settings:
            return settings.get(name, self.settings[name].default)
        raise signature.error(f"{signature.function}() is not handed `{name}` here; leave it out of the signature")

    def problems(self, settings: Settings) -> Sequence[str]:
        """Returns why this combination of settings is impossible. Only a file with this function is imported for it."""
        if "problems" not in self.signatures:
            return ()
        reasons: Sequence[str] | None = self.call("problems", settings, {})
        return () if reasons is None else reasons

    def data(self, settings: Settings, progress: Progress) -> Splits:
        """Make the whole data set."""
        splits: Splits = self.call("data", settings, {"progress": lambda: progress})
        return splits

    def build(self, settings: Settings, *, steps: int) -> Any:
        """Build and compile a model, which then trains on `steps` batches."""
        return self.call("build", settings, {"steps": lambda: steps})


@dataclass(frozen=True)
class _Parts:
    """What a file says about a task, read from its text or from its module."""

    signatures: Mapping[str, Signature]
    constants: Mapping[str, Any]
    lines: Mapping[str, int]


def function_task(file: Path, *, name: str, module: Callable[[], Any]) -> FunctionTask:
    """Returns the task of the functions in a file. `module` imports it, which is done only if its text is not enough.

    Raises TaskError with the file and the line if they are no task.
    """
    parts = _parts(file, module)
    if missing := [function for function in REQUIRED if function not in parts.signatures]:
        has = [function for function in REQUIRED if function in parts.signatures]
        raise TaskError(f"{file.name}: {_lacks(file, missing, has, parts)}")
    values = parts.constants
    try:
        fidelity, batch_size = Fidelity(values["epochs"]), values[BATCH_SIZE]
    except TaskError as error:
        raise _wrong(file, parts, "epochs", str(error).removeprefix("fidelity.")) from None
    if batch_size is not None and (isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1):
        raise _wrong(file, parts, BATCH_SIZE, f"must be a whole number of at least 1, not {batch_size!r}")
    # Whatever is no text means something else, such as a metric.
    precision = values[PRECISION] if isinstance(values[PRECISION], str) else None
    if precision not in (None, *PRECISIONS):
        raise _wrong(file, parts, PRECISION, f"must be one of {', '.join(PRECISIONS)}, not {precision!r}")
    if not isinstance(values["shuffle"], bool):
        raise _wrong(file, parts, "shuffle", f"must be True or False, not {values['shuffle']!r}")
    return FunctionTask(
        name=name,
        file=file,
        signatures=parts.signatures,
        settings=settings_of(parts.signatures, batch_size=batch_size, precision=precision),
        fidelity=fidelity,
        module=module,
        **{constant: values[constant] for constant in ("version", "shuffle", "packages", *_PASSED_ON)},
    )


def _wrong(file: Path, parts: _Parts, constant: str, text: str) -> TaskError:
    text = text if text.startswith(constant) else f"{constant} {text}"
    return TaskError(f"{file.name}, line {parts.lines.get(constant, 1)}: {text}")


def _lacks(file: Path, missing: Sequence[str], has: Sequence[str], parts: _Parts) -> str:
    if has:
        return f"has `{has[0]}`, but no function `{missing[0]}`; a task has both"
    if "task" in parts.lines:
        return f"has no functions `data` and `build`, but an object `task`; write '{file.name}:task' to name it"
    return "has no function `data` and no function `build`; a task has both"


def _parts(file: Path, module: Callable[[], Any]) -> _Parts:
    try:
        text = ModuleText(file)
    except (SyntaxError, ValueError, OSError):  # The import says so better.
        return _imported(module(), file)
    try:
        return _read(text)
    except UnreadableError:
        return _imported(module(), file)


def _read(text: ModuleText) -> _Parts:
    """Read a file's text. Raises UnreadableError if it has to be imported."""
    signatures = {
        name: signature_in_text(text, name, handed=handed)
        for name, handed in FUNCTIONS.items()
        if text.has(name) and not _is_variable(text, name)
    }
    constants = {name: text.constant(name) if text.has(name) else value for name, value in CONSTANTS.items()}
    lines = {name: text.line(name) for name in CONSTANTS if text.has(name)}
    if text.has("task") and not _is_variable(text, "task"):
        lines["task"] = text.line("task")
    _check_object(text.path, signatures, lines)
    return _Parts(signatures, constants, lines)


def _is_variable(text: ModuleText, name: str) -> bool:
    """Whether a name that a function of a task may have is a constant in this file."""
    try:
        text.constant(name)
    except UnreadableError:
        return False
    if name in _NOT_IGNORED:
        raise TaskError(f"{text.path.name}, line {text.line(name)}: {_no_function(name)}")
    return True


def _no_function(name: str) -> str:
    return f"`{name}` must be a function; a task's `{name}` is called, and a variable needs another name"


def _imported(module: Any, file: Path) -> _Parts:
    """Inspect a module that was imported."""
    present = {name: getattr(module, name) for name in FUNCTIONS if hasattr(module, name)}
    for name in (name for name in _NOT_IGNORED if name in present and not callable(present[name])):
        raise TaskError(f"{file.name}: {_no_function(name)}")
    signatures = {name: signature_of(value, name, file=file) for name, value in present.items() if callable(value)}
    constants = {name: getattr(module, name, value) for name, value in CONSTANTS.items()}
    text = ModuleText(file)  # It can be parsed, because it was imported.
    names = [name for name in CONSTANTS if hasattr(module, name)]
    names += ["task"] if hasattr(getattr(module, "task", None), "build") else []
    lines = {name: text.line(name) for name in names}
    _check_object(file, signatures, lines)
    return _Parts(signatures, constants, lines)


def _check_object(file: Path, signatures: Mapping[str, Signature], lines: Mapping[str, int]) -> None:
    """Refuse a file that is a task in two ways, because nobody knows which one is meant."""
    if "task" in lines and "data" in signatures and "build" in signatures:
        raise TaskError(
            f"{file.name}, line {lines['task']}: the file has functions `data` and `build`, and an object `task`, too; "
            f"write '{file.name}:task' to name the object, or take it out of the file"
        )
