"""Trains one Keras model, and measures it after each epoch."""

from typing import Any

from study.engines.cell_folder import CHECKPOINT
from study.engines.engine import Report
from study.space.task_call import has
from study.space.task_code import code_of
from study.space.trial import TrialConfig, TrialResult
from study.training.environment import describe_worker, task_in_worker
from study.training.imported_packages import package_versions
from study.training.model_size import count_weights, model_size
from study.training.new_model import build, check_trainable
from study.training.outcome import NotResumableError
from study.training.reported_metrics import reported_metrics
from study.training.stopwatch import Stopwatch
from study.training.task_data import attach_data
from study.training.task_modules import forget_task_modules
from study.training.trial_examples import trial_examples


def train(config: TrialConfig, report: Report) -> TrialResult:
    """Attach the data, build the model, then train and validate it epoch by epoch. The trial function of a study."""
    try:
        return _train(config, report)
    except NotResumableError as why:
        print(f"This trial was interrupted and begins anew. It cannot go on where it was, because {why}.")
    (report.folder / CHECKPOINT).unlink()
    forget_task_modules(code_of(config))  # They have seen the earlier epochs.
    return _train(config, report, asked=True)


def _train(config: TrialConfig, report: Report, *, asked: bool = False) -> TrialResult:
    """Train a model. `asked` says that the launcher has seen its size, and wants it to be trained."""
    # Here, because the launcher imports this module's callers and must not load TensorFlow.
    from study.training import epoch_loop, own_fit

    stopwatch = Stopwatch()
    code = code_of(config)  # As it is now: the task is imported next, and its user may edit it meanwhile.
    task = task_in_worker(config)
    environment = describe_worker()
    environment |= package_versions(code, known=environment)
    stopwatch.lap("import")
    task, data = attach_data(task, config, code=code, on_progress=report.preparing)
    pool, validation = trial_examples(data, config)
    stopwatch.lap("data")
    model = build(task, config, pool)
    check_trainable(model, task)
    size = model_size(model, pool)
    stopwatch.lap("build")
    facts: dict[str, Any] = {**vars(size), "environment": environment, "code": code.fingerprint}
    if not asked and not report.built(size.known(), reported_metrics(model, task), data=data.facts()):
        return TrialResult("refused", **facts, seconds=stopwatch.total(), timing=dict(stopwatch.laps))
    examples = {"pool": pool, "validation": validation, "class_weight": data.class_weight}
    trial = epoch_loop.Trial(task, config, code, environment, report, stopwatch, **examples)
    run = own_fit.train_by_task if has(task, own_fit.FUNCTION) else epoch_loop.train_epochs
    outcome = run(trial, model)
    # A model with its own way of training may have no weights before it, and a task may exchange its model.
    facts["parameters"] = count_weights(outcome.model)
    return TrialResult(
        outcome.state,
        curve=outcome.curve,
        final=outcome.final,
        **facts,
        seconds=stopwatch.total(),
        data=data.facts(),
        timing=dict(stopwatch.laps),
        reason=outcome.reason,
    )
