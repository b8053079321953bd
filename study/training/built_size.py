"""The size of a trial's model, which is built for it."""

import keras

from study.space.task_code import code_of
from study.space.trial import TrialConfig
from study.training.environment import task_in_worker
from study.training.model_size import model_size, parameters
from study.training.new_model import build
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples


def built_size(config: TrialConfig, by: str) -> int | None:
    """Build the model of a trial. Returns its `parameters` or `flops`; None if that number is not known."""
    code, task = code_of(config), task_in_worker(config)
    task, data = attach_data(task, config, code=code, on_progress=lambda what, done, total: None)
    examples = trial_examples(data, config)[0]
    model = build(task, config, examples)
    size = parameters(model) if by == "parameters" else model_size(model, examples).flops
    keras.utils.clear_session()  # Dozens of models are built, one after another.
    return size
