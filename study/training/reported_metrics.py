"""Which metrics a model will report after each epoch, as far as that is known before the first one."""

from typing import TYPE_CHECKING

from study.space.task_call import has
from study.task import Task
from study.training.metric_values import as_logs, numbers
from study.training.model_inputs import needs_keras_loop, overrides

if TYPE_CHECKING:
    import keras

_OWN_FUNCTIONS = ("callbacks", "before_epoch", "fit")
_OWN_METRICS = ("compute_metrics", "get_metrics_result")
"""If a model overrides one of these methods, it may report metrics that it does not have yet."""


def may_report_more(task: Task) -> bool:
    """Whether a task has a function that may report metrics which its model does not have."""
    return any(has(task, function) for function in _OWN_FUNCTIONS)


def reported_metrics(model: "keras.Model", task: Task) -> tuple[str, ...]:
    """Returns the names of the metrics of a model that is built: those of the training, then those of the validation.

    Returns no name if the model trains or measures in its own way, or if the task may report more, because only its
    epochs show what it reports.
    """
    if may_report_more(task) or overrides(model, *_OWN_METRICS) or needs_keras_loop(model):
        return ()
    try:
        names = list(numbers(as_logs(model.get_metrics_result())))
    except Exception:  # A metric of the user's own may need an example before it has a result.
        return ()
    return (*names, *(f"val_{name}" for name in names))
