"""A trial: its configuration and its result."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

from study.space.cell_key import cell_key, digest
from study.space.printable import printable_line, printable_part, printable_texts
from study.space.surgery import AS_IT_IS, Surgery
from study.task import Fidelity, Level, Settings, describe, same

State = Literal["complete", "pruned", "refused", "diverged", "failed"]
"""How a trial ended."""
CellState = Literal["complete", "running", "pruned", "refused", "diverged", "failed", "missing"]
"""The state of a cell: how its last trial ended, unless a trial runs or must still run."""
CELL_STATES: tuple[str, ...] = get_args(CellState)
UNFINISHED: tuple[CellState, ...] = ("missing", "running")
"""The states of a cell that still gets a result."""
WITH_CURVE = tuple(state for state in get_args(State) if state not in ("refused", "failed"))
"""The states in which the curve counts. A refused model was not trained, and a failed trial runs again."""
Failure = Literal["", "exception", "memory", "disk", "worker", "timeout"]
"""Why a trial failed: its task raised an exception, memory or disk ran out, its worker died, or it took too long."""
Metrics = Mapping[str, float]

SOURCES = ("weights", "order", "data")
"""The sources of randomness of a trial: initial weights, order of the batches, choice of the training examples."""


BASELINE = "baseline"
"""The label of the point that changes nothing."""


def label(changes: Settings) -> str:
    """Returns the label of a point: its changes, as in `conv_depth=2 pooling=flatten`, or `baseline`.

    A name or a text that looks like another change is quoted, so that different points have different labels.
    """
    parts = (f"{_unmistakable(name)}={_unmistakable_level(describe(level))}" for name, level in changes.items())
    return " ".join(parts) or BASELINE


def _unmistakable(name: str) -> str:
    plain = name.isprintable() and not set(name) & set(' ="')
    return name if plain else json.dumps(name, ensure_ascii=not name.isprintable())


def _unmistakable_level(text: str) -> str:
    plain = text.isprintable() and not text.startswith('"') and not set(text) >= set(" =")
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())


def levels(settings: Settings, fidelity: Fidelity) -> dict[str, Level]:
    """Returns the level of everything that may be a factor: every setting, and the number of training examples.

    That number is left out if a trial trains on all examples.
    """
    examples = fidelity.train_examples
    return {**settings} if examples is None else {**settings, "train_examples": examples}


@dataclass(frozen=True)
class TrialConfig:
    """One cell: a point with a seed, and the budget of its trial. Equal keys mean equal trials, on every machine."""

    task: str
    task_version: int
    settings: Settings
    """Every setting of the task, and the level of each factor of `surgery`."""
    defaults: Settings = field(repr=False)
    fidelity: Fidelity
    seed: int
    vary: tuple[str, ...] = ("weights", "order")
    """The sources of randomness that depend on the seed; the others are the same in every trial."""
    reference: str = field(default="", compare=False)
    """How a worker imports the task. The key does not depend on it."""
    surgery: Surgery = field(default=AS_IT_IS, repr=False)
    """What the levels of some factors do to the layers of the model."""
    best: tuple[str, str] | None = field(default=None, compare=False)
    """The metric and the direction by which the epoch is chosen whose weights are kept. None if the last one's are.

    The key does not depend on it.
    """

    @cached_property
    def key(self) -> str:
        """Returns the SHA-256 of everything that identifies the cell. A setting at its default counts as not given."""
        return cell_key(
            task=self.task,
            version=self.task_version,
            settings={
                name: value
                for name, value in self.surgery.in_key(self.settings).items()
                if name not in self.defaults or not same(value, self.defaults[name])
            },
            fidelity=self.fidelity,
            vary=self.vary,
            seed=self.seed,
        )

    @property
    def task_settings(self) -> dict[str, Level]:
        """Returns the settings that are the task's own, as its functions get them. It is a copy."""
        return self.surgery.of_task(self.settings)

    def levels(self) -> dict[str, Level]:
        """Returns the level of everything that may be a factor: every setting, and the number of training examples."""
        return levels(self.settings, self.fidelity)

    def changes(self, baseline: "TrialConfig") -> dict[str, Level]:
        """Returns the point as its changes: the levels that differ from the baseline. JSON can hold all of them."""
        standard = baseline.levels()
        # This is fast: most levels are the baseline's own objects, and a check may call this for 100,000 cells.
        candidates = [(name, level) for name, level in self.levels().items() if standard.get(name) is not level]
        return {name: level for name, level in candidates if name not in standard or not same(level, standard[name])}

    def delta(self, baseline: "TrialConfig") -> str:
        """Returns the label of the point: its changes, as in `conv_depth=2`, or `baseline` if there are none."""
        return label(self.changes(baseline))

    def seed_for(self, source: str) -> int:
        """Returns the 32-bit seed of a source of randomness.

        It follows from the source's name and, if the study varies the source, from the trial's seed.
        """
        seed = self.seed if source in self.vary else None
        return int(digest({"seed": seed, "source": source})[:8], 16)


def differing_metrics(before: Metrics, after: Metrics) -> list[str]:
    """Returns the names of the metrics that differ, or that only one of the two has."""
    # Compared as text, because not-a-number is then equal to itself.
    return [name for name in {**before, **after} if repr(before.get(name)) != repr(after.get(name))]


_MOST_OF_REASON, _MOST_OF_TRACEBACK = 500, 20_000
"""How many characters of each text a result keeps."""
_NEWER = ("code", "final")
"""Parts of a result that the first version did not have."""
_CLEAN: Mapping[str, Callable[[Any], Any]] = {
    "reason": lambda text: printable_line(text, most=_MOST_OF_REASON),
    "traceback": lambda text: printable_part(text, most=_MOST_OF_TRACEBACK),
    "data": printable_texts,
    "environment": printable_texts,
}
"""The texts of a result come from users and libraries. Each of these functions makes one part of it printable."""


@dataclass(frozen=True)
class TrialResult:
    """The result of a trial: its state, its metrics, its size and its cost."""

    state: State
    curve: tuple[Metrics, ...] = ()
    """The metrics of each epoch, the first epoch first."""
    parameters: int | None = None
    """How many numbers the model has, including those that are not trained."""
    flops: int | None = None
    """Operations in one forward pass of one example; a multiply-add counts as two."""
    seconds: float = 0.0
    """The time from the moment a worker took the trial until its result."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The data set that it used: name, fingerprint, counts."""
    environment: Mapping[str, Any] = field(default_factory=dict)
    """Backend, device, threads and versions."""
    timing: Mapping[str, float] = field(default_factory=dict)
    """Seconds by purpose: data, build, compile, train, validate."""
    failure: Failure = ""
    reason: str = ""
    """Why the trial is not complete, in one printable line."""
    traceback: str = field(default="", repr=False)
    code: str = ""
    """The fingerprint of the task's code; empty if the task is built in, or if nobody knows it."""
    final: Metrics = field(default_factory=dict)
    """The metrics of the weights that the trial kept, if these are not the weights after the last epoch."""

    def __post_init__(self) -> None:
        # Here, because results come from workers, from files of other machines and from stores of older versions.
        for name, clean in _CLEAN.items():
            value = getattr(self, name)
            if (cleaned := clean(value)) != value:
                object.__setattr__(self, name, cleaned)

    @property
    def metrics(self) -> Metrics:
        """Returns the metrics of the weights that the trial kept: the last epoch's, unless others were put back."""
        return self.final or (self.curve[-1] if self.curve else {})

    def to_json(self) -> dict[str, Any]:
        """Returns everything except the curve, as plain values. What older records lack is left out if it is empty."""
        values = {name: dict(value) if name == "final" else value for name, value in vars(self).items()}
        return {name: value for name, value in values.items() if name != "curve" and (name not in _NEWER or value)}
