"""Changes to the layers of a model, as levels of factors: a point may leave layers out, freeze them, and so on.

Only the names of the layers stand here. A worker finds the layers in the model that it builds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from study.space.factor import Factor
from study.task import Level, Setting, Settings, Task

Kind = Literal["remove", "identity", "freeze", "reinitialise", "activation"]
"""What may be done to layers. Each kind is also the name of the factor."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Mend = Literal["none", "project"]
"""What becomes of shapes that no longer fit: the model is refused (`none`), or it gets 1x1 projections."""
AS_BUILT: Mapping[str, str] = {**dict.fromkeys(KINDS, "nothing"), "activation": "as_built"}
"""The baseline's level of each factor: the model stays as the task built it."""
REFUSED = "surgery: "
"""The reason of a refused cell begins with this if its model cannot be changed as the point asks."""


@dataclass(frozen=True)
class Operation:
    """One change to the layers of a model."""

    kind: Kind
    layers: tuple[str, ...]
    """Names of layers, or patterns such as `block3_*`. Empty: every hidden layer that has an activation."""
    activation: str = ""
    """The new activation, if that is exchanged."""
    mend: Mend = "none"

    def identity(self) -> dict[str, Any]:
        """Returns what identifies this change in the key of a cell."""
        given = {"layers": sorted(self.layers), "activation": self.activation, "mend": self.mend}
        return {"kind": self.kind, **{name: value for name, value in given.items() if value not in ("", "none")}}

    def to_json(self) -> dict[str, Any]:
        """Returns plain values."""
        return {**vars(self), "layers": list(self.layers)}

    def __str__(self) -> str:
        parts = (self.kind, ", ".join(self.layers) or "every activation", self.activation, self.mend)
        return " ".join(part for part in parts if part not in ("", "none"))


@dataclass(frozen=True)
class Surgery:
    """The factors that change layers: for each factor, the operation of each of its levels but the baseline's."""

    factors: Mapping[str, Mapping[str, Operation]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.factors)

    def settings(self) -> dict[str, Setting]:
        """Returns the factors as settings, whose defaults leave the model as it is built."""
        return {
            name: Setting(AS_BUILT[name], choices=(AS_BUILT[name], *operations))
            for name, operations in self.factors.items()
        }

    def as_factors(self) -> list[Factor]:
        """Returns the factors with all of their levels."""
        return [Factor(name, setting.choices, setting.choices) for name, setting in self.settings().items()]

    def operations(self, settings: Settings) -> tuple[Operation, ...]:
        """Returns what is changed at these levels; nothing at the baseline's."""
        return tuple(operation for _, operation in self._chosen(settings))

    def of_task(self, settings: Settings) -> dict[str, Level]:
        """Returns the settings that are the task's own."""
        return {name: level for name, level in settings.items() if name not in self.factors}

    def in_key(self, settings: Settings) -> dict[str, Any]:
        """Returns what stands in a cell's key: for a changed layer what is changed, not how the file calls it."""
        return {**settings, **{name: operation.identity() for name, operation in self._chosen(settings)}}

    def _chosen(self, settings: Settings) -> Iterator[tuple[str, Operation]]:
        for name, operations in self.factors.items():
            if operation := operations.get(str(settings.get(name))):
                yield name, operation

    def to_json(self) -> dict[str, Any]:
        """Returns plain values; nothing if there is no factor."""
        return {name: {level: o.to_json() for level, o in levels.items()} for name, levels in self.factors.items()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Surgery":
        """Read what `to_json` wrote."""
        return cls(
            {
                name: {level: Operation(**{**o, "layers": tuple(o["layers"])}) for level, o in levels.items()}
                for name, levels in record.items()
            }
        )


class TaskWithSurgery:
    """A task whose settings are its own and the factors of a surgery, for those who only ask what may vary."""

    def __init__(self, task: Task, surgery: Surgery) -> None:
        self._task, self.surgery = task, surgery
        self.settings = {**task.settings, **surgery.settings()}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)


AS_IT_IS = Surgery()
"""Changes no layer."""
