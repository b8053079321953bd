"""The names under which MLflow shows the metrics of a study. A task's groups of metrics have sections of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from study.errors import StudyError
from study.space.objective import COSTS, Objective
from study.space.search_space import SearchSpace
from study.space.task_call import has
from study.space.task_loading import task_of
from study.task import Task, metric_groups
from study.tracking.mlflow_names import in_section, mlflow_name

Counted = Literal["", "best_", "final_"]
"""What stands before the objective's name in the metric that counts; empty if that is the last epoch's."""
_VALIDATION = "val_"
_RESTORING = ("callbacks", "fit")
"""Functions of a task that may put back other weights than the last epoch's."""


@dataclass(frozen=True)
class MetricNames:
    """Names the metrics of one study as MLflow takes them.

    MLflow shows what stands before a `/` as a section below all other metrics, so that loss and accuracy come first.
    """

    objectives: Sequence[Objective]
    """Their metrics stay above all sections."""
    sections: Sequence[tuple[str, re.Pattern[str]]] = ()
    """Each section, and the pattern of its metrics' names."""
    counts: Counted = ""

    @classmethod
    def of(cls, space: SearchSpace) -> "MetricNames":
        """Returns the names for a study. Without its task, which may be on another machine, there are no sections."""
        try:
            task = task_of(space)
        except StudyError:
            return cls(space.objectives, counts=_counts(space.objective, None))
        sections = [(_plural(group), re.compile(pattern)) for group, pattern in metric_groups(task).items()]
        return cls(space.objectives, sections, _counts(space.objective, task))

    def __call__(self, metric: str) -> str:
        """Returns the name of a metric of the model."""
        name = mlflow_name(metric)
        sections = (section for section, pattern in self.sections if self._fits(metric, pattern))
        return next((in_section(section, name) for section in sections), name)

    @property
    def counted(self) -> str:
        """The name of the metric whose mean `study effects` compares."""
        metric = self.objectives[0].metric
        return mlflow_name(metric if metric in COSTS else f"{self.counts}{metric}")

    def _fits(self, metric: str, pattern: re.Pattern[str]) -> bool:
        # A task names its metrics on the validation set. Those of the training belong beside them.
        names = metric, f"{_VALIDATION}{metric}"
        return all(metric != one.metric for one in self.objectives) and any(map(pattern.fullmatch, names))


def _counts(objective: Objective, task: Task | None) -> Counted:
    if objective.epoch == "best":
        return "best_"
    return "final_" if task is not None and any(has(task, function) for function in _RESTORING) else ""


def _plural(group: str) -> str:
    name = mlflow_name(group)
    return name if name.endswith("s") else f"{name}s"
