"""Builds the model of a trial, before its first epoch."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from study.data.dataset import SplitData
from study.data.nest import count, map_nest
from study.data.stream import Stream
from study.errors import TaskError
from study.space import task_call
from study.space.hints import one_line, short
from study.space.trial import TrialConfig
from study.space.user_line import line_of
from study.task import Task
from study.training.model_inputs import build_on, first_batch, needs_keras_loop, overrides
from study.training.own_steps import misfit

if TYPE_CHECKING:
    import keras

_KERAS_BATCH_SIZE = 32


def build(task: Task, config: TrialConfig, examples: SplitData) -> "keras.Model":
    """Build the compiled model of a trial, untrained. Layers that need an example before they are built get these.

    Raises TaskError if the task returns no compiled model.
    """
    # Here, because the launcher imports this module's callers and must not load TensorFlow.
    from study.training import keras_state, layer_surgery

    # This seeds the initial weights, dropout, and every other random layer of the model that has no seed of its own.
    keras_state.seed(config.seed_for("weights"))
    keras_state.set_precision(config.settings.get("precision"))
    # A copy, because the trial's key follows from its settings, and the task may change what it gets.
    model = task_call.call(
        task,
        "build",
        config.task_settings,
        steps=lambda: all_steps(config, examples),
        epochs=lambda: config.fidelity.epochs,
        train=lambda: given(examples),
    )
    checked_model(model, task, "build")
    if operations := config.surgery.operations(config.settings):
        if not model.built:
            build_on(model, examples, batch=batch_size(config))
        model = layer_surgery.operate(model, operations, seed=config.seed_for("weights"))
        layer_surgery.check_runs(model, first_batch(model, examples, size=2)[0])
    build_on(model, examples, batch=batch_size(config))
    return model


def checked_model(model: Any, task: Task, function: str) -> "keras.Model":
    """Returns what a task's function returned. Raises TaskError if it is no compiled model."""
    if problem := _problem(model):
        raise TaskError(f"{_place(task, function)} returned {problem}; it must return a compiled Keras model")
    return model


def check_trainable(model: "keras.Model", task: Task) -> None:
    """Raise TaskError if the model's class overrides `fit`, or has steps that the backend cannot call.

    A trial calls a model's steps, epoch by epoch. A task that has a `fit` may train in any way.
    """
    if task_call.has(task, "fit"):
        return
    returned = f"{_place(task, 'build')} returned a {type(model).__name__}"
    if problem := misfit(model):
        raise TaskError(f"{returned}, {problem}")
    if overrides(model, "fit"):
        raise TaskError(
            f"{returned}, whose class overrides `fit`, which a trial does not call; give the task what this `fit` "
            "does: as callbacks(…), which returns a list of Keras callbacks, as before_epoch(model, epoch, …), or as "
            "fit(model, data, report, …), which calls report(metrics) after each epoch"
        )


def _place(task: Task, function: str) -> str:
    return f"{line_of(task, function)}: {function}() of task {task.name!r}"


def _problem(model: Any) -> str | None:
    """Returns what is wrong with what a task's `build` returned, or None."""
    import keras

    if model is None:
        return "None"
    package, kind = type(model).__module__.partition(".")[0], type(model).__name__
    if not isinstance(model, keras.Model):
        return f"{one_line(short(model))}, a {kind}" + ("" if package == "builtins" else f" of {package}")
    if not model.compiled:
        return f"a {kind} model that is not compiled"
    if texts := _texts_for_weights(model):
        return (
            f"a {kind} model compiled with loss_weights={one_line(short(texts))}, because the third argument of "
            "`compile` is loss_weights (write metrics=[…])"
        )
    if model.optimizer is None and not needs_keras_loop(model):
        return f"a {kind} model that is compiled without an optimizer"
    return None


def _texts_for_weights(model: Any) -> Any:
    """Returns the weights of a model's losses if these are texts, which are the names of metrics; else nothing.

    Keras itself fails much later, with a message about types.
    """
    weights = getattr(getattr(model, "_compile_loss", None), "_user_loss_weights", None)
    return weights if isinstance(weights, list | tuple) and any(isinstance(one, str) for one in weights) else None


def given(examples: SplitData) -> Any:
    """Returns examples as a task's functions get them: NumPy's arrays, or the batches of a stream."""
    return examples.of_epoch(1) if isinstance(examples, Stream) else map_nest(np.asarray, examples)


def all_steps(config: TrialConfig, examples: SplitData) -> int:
    """Returns how many batches the whole trial trains on, from these examples or this stream."""
    if isinstance(examples, Stream):
        return config.fidelity.epochs * examples.facts.batches
    return steps(config, count(examples))


def steps(config: TrialConfig, pool: int) -> int:
    """Returns how many batches the whole trial trains on, if the pool has so many examples."""
    examples = pool if config.fidelity.train_examples is None else config.fidelity.train_examples
    return config.fidelity.epochs * math.ceil(examples / batch_size(config))


def batch_size(config: TrialConfig) -> int:
    """Returns the task's setting `batch_size`, or Keras's own 32 if the task has no such setting."""
    return int(config.settings.get("batch_size", _KERAS_BATCH_SIZE))
