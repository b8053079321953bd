"""The epochs of a trial: each is trained, validated, saved and reported. An interrupted trial goes on where it was.

This module loads Keras, so that a launcher must not import it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from study.data.dataset import SplitData
from study.data.nest import count
from study.data.stream import Stream
from study.engines.cell_folder import CHECKPOINT, FILES, WEIGHTS
from study.engines.engine import Report
from study.space.task_call import call, has
from study.space.task_code import TaskCode
from study.space.trial import Metrics, State, TrialConfig
from study.task import Task, shuffles
from study.training import checkpoint
from study.training.callback_files import CallbackFiles
from study.training.callbacks import Callbacks, checked, no_saving
from study.training.checkpoint import Saved
from study.training.class_weight import with_class_weight
from study.training.compiled_pass import Pass, make_pass
from study.training.environment import environment_changes
from study.training.example_order import chosen_examples, epoch_order
from study.training.kept_weights import KeptWeights
from study.training.metric_values import Logs, numbers
from study.training.model_inputs import VALIDATION_BATCH
from study.training.new_model import all_steps, batch_size, given
from study.training.outcome import NotResumableError, Outcome, is_diverged
from study.training.phases import before_epoch
from study.training.random_state import unrepeatable_draws
from study.training.stopwatch import Stopwatch
from study.training.task_modules import task_modules
from study.training.training_state import Holders, TrainingState, weights_digest

_EARLIER = {"backend": "tensorflow"}
"""The environment of a checkpoint that an earlier version wrote, which recorded none."""


@dataclass(frozen=True)
class Trial:
    """What a trial trains with."""

    task: Task
    config: TrialConfig
    code: TaskCode
    environment: Mapping[str, Any]
    """What this process trains with, as a result records it."""
    report: Report
    stopwatch: Stopwatch
    pool: SplitData
    validation: SplitData
    class_weight: Mapping[int, float]

    @property
    def key(self) -> str:
        """What a checkpoint must be of. An epoch of other code is no beginning of this trial."""
        return f"{self.config.key}{self.code.fingerprint}"


def train_epochs(trial: Trial, model: keras.Model) -> Outcome:
    """Train a built model to the end of the trial. Raises NotResumableError if an earlier attempt cannot go on."""
    with unrepeatable_draws() as draws:
        return _EpochLoop(trial, model, draws).run()


class _EpochLoop:
    def __init__(self, trial: Trial, model: keras.Model, draws: list[str]) -> None:
        self._trial, self._model, self._draws = trial, model, draws
        self._passes: tuple[Pass, Pass] | None = None
        self._compiled: Any = None
        """What the model was compiled with when the passes were made."""
        self._chosen: np.ndarray = chosen_examples(trial.config, count(trial.pool))
        self._files = CallbackFiles(trial.report.folder / FILES)
        self._kept = KeptWeights(trial.report.folder / WEIGHTS, trial.config)
        self._logs: list[Mapping[str, Any]] = []
        """What the model reported after each epoch, without what the callbacks added."""
        self._curve: list[Metrics] = []
        self._digests: list[str] = []
        """A digest of the weights that were validated after each epoch."""
        self._callbacks = self._make_callbacks()
        self._state = TrainingState(Holders(model, self._callbacks.given, task_modules(trial.code)))

    def run(self) -> Outcome:
        self._begin()
        for epoch in range(self._trial.config.fidelity.epochs):
            if epoch >= len(self._curve):
                self._run_epoch(epoch)
            # Epochs of an earlier attempt are reported again, because the present launcher may not know them.
            if state := self._report(epoch):
                break
        return self._finish(state, epoch + 1)

    def _make_callbacks(self) -> Callbacks:
        trial, config = self._trial, self._trial.config
        offers = {
            "steps": lambda: all_steps(config, trial.pool),
            "epochs": lambda: config.fidelity.epochs,
            "train": lambda: given(trial.pool),
        }
        made = call(trial.task, "callbacks", config.task_settings, **offers) if has(trial.task, "callbacks") else None
        numbers = {"epochs": config.fidelity.epochs, "steps": all_steps(config, trial.pool) // config.fidelity.epochs}
        return Callbacks(checked(made, trial.task), self._model, files=self._files, **numbers)

    # An epoch

    def _run_epoch(self, epoch: int) -> None:
        lap = self._trial.stopwatch.lap
        self._enter(epoch)
        fit, validate = self._current_passes()
        lap("compile")
        self._model.reset_metrics()
        self._callbacks.begin_epoch(epoch)
        trained = fit(self._rows(epoch), epoch=epoch + 1)
        lap("train")
        logs = {**trained, **self._validated(validate, trained, epoch)}
        lap("validate")
        self._logs.append(logs)
        self._curve.append(numbers({**logs, **self._callbacks.end_epoch(epoch, logs)}))
        self._save()
        lap("checkpoint")

    def _enter(self, epoch: int) -> None:
        """Let the task prepare its model for an epoch."""
        changed = before_epoch(self._trial.task, self._trial.config, self._model, self._trial.pool, epoch=epoch)
        if changed is not self._model:
            self._model = self._state.holders.model = changed
            self._callbacks.set_model(changed)

    def _current_passes(self) -> tuple[Pass, Pass]:
        """Returns the training pass and the validation pass, both compiled and with their data on the device.

        They are made anew if the model was compiled again. As under `fit`, nothing else of it may change.
        """
        compiled = self._model, self._model._loss_tracker
        if self._passes is None or any(a is not b for a, b in zip(compiled, self._compiled, strict=True)):
            self._passes, self._compiled = self._make_passes(), compiled
        return self._passes

    def _make_passes(self) -> tuple[Pass, Pass]:
        trial, model = self._trial, self._model
        batch = batch_size(trial.config)
        weighted, callbacks = with_class_weight(trial.pool, trial.class_weight), self._callbacks
        fit = make_pass(model, weighted, batch=batch, training=True, callbacks=callbacks)
        fit.prepare(len(self._chosen))
        size = VALIDATION_BATCH
        validate = make_pass(model, trial.validation, batch=size, training=False, callbacks=callbacks)
        validate.prepare(count(trial.validation))
        return fit, validate

    def _rows(self, epoch: int) -> np.ndarray:
        """Returns the rows of the training examples in the order of an epoch."""
        config, shuffle = self._trial.config, shuffles(self._trial.task)
        rows: np.ndarray = self._chosen[epoch_order(config, epoch + 1, count=len(self._chosen), shuffle=shuffle)]
        # As under `fit`, a callback that stops the training before an epoch leaves it one batch.
        most = batch_size(config) if self._model.stop_training else None
        return rows[:most]

    def _validated(self, validate: Pass, trained: Metrics, epoch: int) -> dict[str, Any]:
        """Validate the model. Returns its metrics. The callbacks may exchange the weights meanwhile."""
        with self._callbacks.testing() as logs:
            logs |= self._validate(validate)
            metrics = _of_validation(logs)
            self._kept.after_epoch(self._model, numbers({**trained, **metrics}), epochs=epoch + 1)
            self._digests.append(weights_digest(self._model))
        return metrics

    def _validate(self, validate: Pass) -> Logs:
        return validate(np.arange(count(self._trial.validation)))

    def _report(self, epoch: int) -> State | None:
        """Report an epoch. Returns how the trial ends now, or None if it goes on."""
        metrics, stopped = self._curve[epoch], self._model.stop_training and epoch + 1 == len(self._curve)
        go_on = self._trial.report.epoch(epoch + 1, metrics)
        self._trial.stopwatch.lap("report")
        if is_diverged(metrics):
            return "diverged"
        if stopped or epoch + 1 == self._trial.config.fidelity.epochs:
            return "complete"
        return None if go_on else "pruned"

    def _finish(self, state: State | None, epochs: int) -> Outcome:
        """End the training as `fit` does: averages become the weights, and callbacks may put back earlier weights."""
        curve, logs = tuple(self._curve[:epochs]), self._logs[epochs - 1]
        final: Metrics = {}
        if state == "complete" and isinstance(self._model.optimizer, keras.optimizers.Optimizer):
            self._model.optimizer.finalize_variable_values(self._model.trainable_weights)
        self._callbacks.end(logs)
        if state == "complete":
            final = self._kept.at_end(self._model, curve, self._final())
        self._files.tidy()
        self._trial.stopwatch.lap("checkpoint")
        return Outcome(state or "complete", curve, self._model, final)

    def _final(self) -> Metrics:
        """Returns the metrics of the weights at the end. Empty if they are those that were validated last."""
        digest = weights_digest(self._model)
        if digest == self._digests[-1]:
            return {}
        metrics = _of_validation(self._validate(self._current_passes()[1]))
        same = [metrics for metrics, other in zip(self._curve, self._digests, strict=True) if other == digest]
        return {**(same or self._curve)[-1], **numbers(metrics)}

    # Interruptions

    def _save(self) -> None:
        """Save everything on which the next epoch depends."""
        path, about = self._trial.report.folder / CHECKPOINT, self._about()
        if reason := self._unrepeatable():
            checkpoint.write(path, Saved((), {"cannot": reason}), key=self._trial.key)
        else:
            state = self._state.read()
            checkpoint.write(path, Saved(state.arrays, {**state.about, **about}), key=self._trial.key)

    def _unrepeatable(self) -> str:
        """Returns what of the training depends on a state that cannot be saved, in words; an empty text if nothing."""
        if isinstance(self._trial.pool, Stream) and not self._trial.pool.repeatable:
            return "its training data are one stream; a function of a seed that returns one can be resumed"
        return _draws_in_words(self._draws) if self._draws else ""

    def _about(self) -> dict[str, Any]:
        return {
            "environment": dict(self._trial.environment),
            "curve": self._curve,
            "logs": [{name: np.asarray(value).tolist() for name, value in logs.items()} for logs in self._logs],
            "digests": self._digests,
            "seconds": self._trial.stopwatch.total(),
            "files": self._files.sizes(),
            "stopped": self._model.stop_training,
        }

    def _begin(self) -> None:
        """Begin the training, or go on with an earlier attempt. Raises NotResumableError if that is impossible."""
        saved = checkpoint.read(self._trial.report.folder / CHECKPOINT, key=self._trial.key)
        if saved is None:
            self._files.remove()
            self._callbacks.begin()
        elif reason := saved.about.get("cannot") or self._elsewhere(saved) or self._resume(saved):
            raise NotResumableError(reason)

    def _elsewhere(self, saved: Saved) -> str:
        """Returns what of the environment has changed since an earlier attempt, or an empty text."""
        before = saved.about.get("environment", _EARLIER)
        changes = environment_changes(before, self._trial.environment)
        return f"it began in another environment ({'; '.join(changes[:2])})" if changes else ""

    def _resume(self, saved: Saved) -> str:
        """Put an earlier attempt back. Returns why that is impossible, or an empty text."""
        about = saved.about
        self._files.set_aside()
        try:
            self._play(about["logs"])
        except Exception as error:  # The user's code may need the weights of an epoch, which it does not get here.
            return f"its earlier epochs cannot be shown to it again ({type(error).__name__}: {error})"
        if self._state.missing(saved):
            self._make_variables()
        if problems := self._state.write(saved):
            return "; ".join(problems[:2])
        self._files.put_back(about["files"])
        self._model.stop_training = about["stopped"]
        self._curve, self._digests = about["curve"], about["digests"]
        self._trial.stopwatch.earlier = about["seconds"]
        self._kept.resume(self._curve)
        return "the weights of its best epoch are lost" if self._kept.are_lost() else ""

    def _play(self, kept: list[dict[str, Any]]) -> None:
        """Show the earlier epochs to the task and to its callbacks, which have not seen them in this process."""
        with no_saving(self._model):
            self._callbacks.begin()
        for epoch, logs in enumerate(kept):
            self._enter(epoch)
            self._logs.append({name: _as_it_was(value) for name, value in logs.items()})
            with no_saving(self._model):
                self._callbacks.begin_epoch(epoch)
                self._callbacks.end_epoch(epoch, self._logs[-1])
        self._current_passes()
        self._trial.stopwatch.lap("compile")

    def _make_variables(self) -> None:
        """Train on one batch, because some variables are made only then. What the model learns is overwritten."""
        batch = batch_size(self._trial.config)
        fit = make_pass(self._model, self._trial.pool, batch=batch, training=True)
        fit(np.arange(min(batch, count(self._trial.pool))))


def _of_validation(logs: Logs) -> dict[str, Any]:
    return {f"val_{name}": value for name, value in logs.items()}


def _as_it_was(value: Any) -> Any:
    """Returns a metric as the model reported it: a number, or an array if it has several."""
    return np.asarray(value, np.float32) if isinstance(value, list) else value


def _draws_in_words(draws: list[str]) -> str:
    return f"{draws[0]} of TensorFlow draws random numbers from a state that cannot be saved; keras.random can be"
