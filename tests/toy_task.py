"""A task that costs nothing, and search spaces around it."""

from collections.abc import Sequence
from typing import Any

from study.space.design import Design, Kind
from study.space.factor import Factor
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.task import Fidelity, Progress, Setting, Settings, Splits, defaults


class Toy:
    """One setting of every type."""

    name = "toy"
    version = 1
    fidelity = Fidelity(epochs=10, train_examples=1_000, validation_examples=100)
    settings = {
        "mask": Setting("library", choices=("library", 0, 1), part="data"),
        "depth": Setting(3, low=1, high=9),
        "width": Setting(16, low=1),
        "pooling": Setting("max", choices=("max", "mean", "flat")),
        "norm": Setting(True),
        "rate": Setting(0.1, low=1e-6, high=10, part="training"),
    }

    def problems(self, settings: Settings) -> Sequence[str]:
        if settings["pooling"] == "flat" and int(settings["depth"]) > 6:
            return [f"a flat map is too small at depth {settings['depth']}; take at most 6"]
        return []

    def data(self, settings: Settings, progress: Progress) -> Splits:
        raise NotImplementedError

    def build(self, settings: Settings, *, steps: int) -> Any:
        raise NotImplementedError


task = Toy()

DEPTH = Factor("depth", (1, 3, 5))
POOLING = Factor("pooling", ("max", "mean", "flat"), ("max", "mean", "flat"))
NORM = Factor("norm", (True, False), (False, True))


def space(*factors: Factor, kind: Kind = "ablation", design: Design | None = None, **changes: Any) -> SearchSpace:
    """A search space of the toy task; without factors one of depth."""
    given: dict[str, Any] = {
        "name": "played",
        "reference": "tests.toy_task:task",
        "task": task.name,
        "task_version": task.version,
        "defaults": defaults(task),
        "baseline": defaults(task),
        "factors": factors or (DEPTH,),
        "design": design or Design(kind),
        "objectives": (Objective("val_acc", "maximize"),),
        "fidelity": task.fidelity,
    }
    return SearchSpace(**(given | changes))
