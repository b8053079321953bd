"""Keras's own `fit` and `evaluate`, for one epoch. The trial tells its callbacks everything but the batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from study.training.metric_values import Logs, as_logs
from study.training.model_inputs import overrides

if TYPE_CHECKING:
    import keras

    from study.training.callbacks import Callbacks


def fit_epoch(model: "keras.Model", callbacks: "Callbacks | None", *, epoch: int, **given: Any) -> Logs:
    """Train a model for one epoch by its `fit`, with what is given. The first epoch is 1. Returns what it reports."""
    hooks = callbacks.batch_hooks() if callbacks else None
    with _not_finalized(model.optimizer):
        # The examples are in order already. Keras's own seeded shuffling has the same order each time on TensorFlow.
        options = {"shuffle": False, "initial_epoch": epoch - 1, "epochs": epoch, "verbose": 0, "callbacks": hooks}
        fitted = model.fit(**given, **options)
    return as_logs(hooks.epoch_logs if hooks else {name: values[-1] for name, values in fitted.history.items()})


def evaluate(model: "keras.Model", callbacks: "Callbacks | None", **given: Any) -> Logs:
    """Validate a model by its `evaluate`, with what is given. Returns what it reports.

    That is nothing if the model lacks a loss, which the log says.
    """
    hooks = {"callbacks": callbacks.batch_hooks()} if callbacks else {}
    try:
        return as_logs(model.evaluate(**given, **hooks, verbose=0, return_dict=True))
    except ValueError as error:
        if "No loss to compute" not in str(error):
            raise
    say_not_validated("it is compiled without a loss and has no `test_step` of its own")
    return {}


def cannot_answer(model: "keras.Model") -> bool:
    """Whether a model has neither a `call` nor a way of its own to be validated."""
    return not overrides(model, "call", "test_step", "evaluate")


def say_not_validated(reason: str) -> None:
    """Tell the log why a validation has no metrics."""
    print(f"This model is not validated, because {reason}.")


@contextmanager
def _not_finalized(optimizer: Any) -> Iterator[None]:
    """Keep the end of a `fit` from making averages the weights, because the trial goes on with the next epoch."""
    if optimizer is None:
        yield
        return
    vars(optimizer)["finalize_variable_values"] = lambda weights: None
    try:
        yield
    finally:
        del vars(optimizer)["finalize_variable_values"]
