"""The settings of a task of functions: the parameters of its functions, their defaults and what their types allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from study.errors import TaskError
from study.space.annotation import NOTHING, Rule, rule
from study.space.signature import Parameter, Signature
from study.task import PRECISIONS, TAKEN, Part, Setting, same

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "data": ("progress",),
    "build": ("steps", "epochs", "train"),
    "callbacks": ("steps", "epochs", "train"),
    "before_epoch": ("model", "epoch", "steps", "epochs", "train"),
    "fit": ("model", "data", "report", "steps", "epochs"),
    "problems": (),
    "fresh": ("count", "seed"),
    "text": ("target",),
}
"""The functions that a task may have, and what each may name in its signature besides settings."""
REQUIRED = ("data", "build")
BATCH_SIZE, PRECISION = "batch_size", "precision"
"""Settings of every task of functions: its file need not name them."""
_KERAS_BATCH_SIZE = 32
_PARTS: Mapping[str, Part] = {
    "data": "data",
    "build": "model",
    "callbacks": "training",
    "before_epoch": "training",
    "fit": "training",
}
"""The functions whose parameters become settings, and the part of such a setting. The first function decides."""
_HANDED = {"progress": "data", "steps": "build", "epochs": "build", "train": "build"}
"""Names that are never settings, and a function that takes each. The other names are settings elsewhere."""


@dataclass(frozen=True)
class _Use:
    """A parameter that is a setting, in the function that names it."""

    signature: Signature
    parameter: Parameter

    def error(self, text: str) -> TaskError:
        return self.signature.error(
            f"`{self.parameter.name}` of {self.signature.function}(): {text}", line=self.parameter.line
        )

    def rule(self) -> Rule:
        annotation = self.parameter.annotation
        if isinstance(annotation, str):
            raise self.error(f"its annotation {annotation!r} means nothing in the file when it runs; import its names")
        try:
            return rule(annotation)
        except TaskError as error:
            raise self.error(str(error)) from None


def settings_of(
    signatures: Mapping[str, Signature], *, batch_size: int | None, precision: str | None = None
) -> dict[str, Setting]:
    """Returns the settings that the functions' parameters are, those of the data first.

    `batch_size` and `precision` are the constants of the file, or None if it has none. Raises TaskError with file and
    line if a parameter cannot be a setting.
    """
    constants = {BATCH_SIZE: batch_size, PRECISION: precision}
    uses: dict[str, list[_Use]] = {}
    for function in _PARTS:
        for use in _uses(signatures.get(function)):
            uses.setdefault(use.parameter.name, []).append(use)
    _check_known(signatures, {*uses, *constants})
    settings = {
        name: _setting(alike, constants.get(name))
        for name, alike in uses.items()
        if name not in constants or _has_default(alike)
    }
    if BATCH_SIZE not in settings:
        # Data that are made in batches depend on it. What else names it only reads it.
        part: Part = "data" if any(use.signature.function == "data" for use in uses.get(BATCH_SIZE, ())) else "training"
        settings[BATCH_SIZE] = Setting(batch_size or _KERAS_BATCH_SIZE, low=1, part=part)
    if PRECISION not in settings:
        settings[PRECISION] = Setting(precision or PRECISIONS[0], choices=PRECISIONS, part="training")
    return settings


def _uses(signature: Signature | None) -> list[_Use]:
    """Returns the parameters of a function that may be settings."""
    if signature is None:
        return []
    handed = FUNCTIONS[signature.function]
    uses = [_Use(signature, parameter) for parameter in signature.parameters if parameter.name not in handed]
    for use in uses:
        name = use.parameter.name
        if name in _HANDED:
            raise use.error(
                f"this is the name of what {_HANDED[name]}() is handed, and no setting; give it another name"
            )
        if name in TAKEN:
            raise use.error(f"this is the name of {TAKEN[name]}")
    return uses


def _has_default(alike: Sequence[_Use]) -> bool:
    return any(use.parameter.default is not NOTHING for use in alike)


def _check_known(signatures: Mapping[str, Signature], names: set[str]) -> None:
    """Check the functions whose parameters are no settings of their own: each must be a setting, or have a default."""
    for function in (function for function in signatures if function not in _PARTS):
        for use in _uses(signatures[function]):
            if use.parameter.name not in names and use.parameter.default is NOTHING:
                raise use.error(_no_setting(function))


def _no_setting(function: str) -> str:
    names = "".join(f"`{name}`, " for name in FUNCTIONS[function])
    names += "and " if names else ""
    return (
        "it has no default, as in `units: int = 32`, so it is no setting, and it is not handed over: "
        f"{function}() gets {names}settings"
    )


def _setting(alike: Sequence[_Use], constant: int | str | None) -> Setting:
    """Returns the setting that these parameters of one name are."""
    first = alike[0]
    allowed = _common_rule(alike)
    with_default = [use for use in alike if use.parameter.default is not NOTHING]
    if not with_default:
        raise first.error(_no_setting(first.signature.function))
    defaults = [_default(use, allowed) for use in with_default]
    if any(isinstance(default, float) for default in defaults):
        defaults = [float(default) if type(default) is int else default for default in defaults]
    for use, default in zip(with_default, defaults, strict=True):
        _check_same(use, default, defaults[0], with_default[0].signature.function)
    if constant is not None:
        _check_same(with_default[0], defaults[0], constant, "the file")
    low = max(allowed.low, 1) if first.parameter.name == BATCH_SIZE else allowed.low
    try:
        return Setting(
            defaults[0],
            choices=allowed.choices,
            low=low,
            high=allowed.high,
            part=_PARTS[first.signature.function],
            any_text=True,
            fractions=_fractions(with_default[0]) if allowed.kind is None else "",
        )
    except TaskError as error:
        raise with_default[0].error(str(error)) from None


def _fractions(use: _Use) -> str:
    name, default = use.parameter.name, use.parameter.default
    return f"to allow fractions, write `{name}: float = {default!r}` in {use.signature.file}, line {use.parameter.line}"


def _default(use: _Use, allowed: Rule) -> Any:
    try:
        return allowed.of_kind(use.parameter.default)
    except TaskError as error:
        raise use.error(str(error)) from None


def _check_same(use: _Use, default: Any, other: Any, where: str) -> None:
    if not same(default, other):
        raise use.error(f"its default is {default!r} here, but {other!r} in {where}; give it the same in both")


def _common_rule(alike: Sequence[_Use]) -> Rule:
    """Returns the rule of a parameter that several functions have. One that gives bounds or choices counts for all."""
    rules = [use.rule() for use in alike]
    full = [(use, one) for use, one in zip(alike, rules, strict=True) if not one.is_bare]
    for use, one in full[1:]:
        if one != full[0][1]:
            other = full[0][0].signature.function
            raise use.error(f"its annotation allows other values here than in {other}(); give it the same in both")
    kinds = {one.kind for one in rules if one.kind is not None}
    kind = float if kinds == {int, float} else next(iter(kinds), None)
    return full[0][1] if full else Rule(kind)
