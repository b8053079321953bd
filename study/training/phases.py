"""What a task does with its model before an epoch. It may freeze layers, compile the model again, or exchange it."""

from typing import TYPE_CHECKING

from study.data.dataset import SplitData
from study.space.task_call import call, has
from study.space.trial import TrialConfig
from study.task import Task
from study.training.new_model import all_steps, checked_model, given

if TYPE_CHECKING:
    import keras

FUNCTION = "before_epoch"


def before_epoch(
    task: Task, config: TrialConfig, model: "keras.Model", pool: SplitData, *, epoch: int
) -> "keras.Model":
    """Let the task prepare its model for an epoch. The first epoch is 0, as in Keras. Returns the model from now on.

    Raises TaskError if the task returns anything else than a compiled model or nothing.
    """
    if not has(task, FUNCTION):
        return model
    changed = call(
        task,
        FUNCTION,
        config.task_settings,
        model=lambda: model,
        epoch=lambda: epoch,
        steps=lambda: all_steps(config, pool),
        epochs=lambda: config.fidelity.epochs,
        train=lambda: given(pool),
    )
    return model if changed is None else checked_model(changed, task, FUNCTION)


def play_phases(
    task: Task, config: TrialConfig, model: "keras.Model", pool: SplitData, *, epochs: int
) -> "keras.Model":
    """Do what the task does before so many epochs, without training. Returns the model from now on.

    A task with a `fit` of its own does nothing before an epoch.
    """
    for epoch in range(0 if has(task, "fit") else epochs):
        model = before_epoch(task, config, model, pool, epoch=epoch)
    return model
