"""The hidden layers of the model that a task builds, for a search-space file that says `each`."""

from typing import Any

import keras

from study.space.surgery import Kind
from study.space.task_code import code_of
from study.space.trial import TrialConfig
from study.training.environment import task_in_worker
from study.training.new_model import build
from study.training.surgery.activations import answering
from study.training.surgery.layer_names import all_layers, graph_of
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples


def hidden_layers(config: TrialConfig) -> dict[Kind, list[str]]:
    """Build the model of a trial. Returns the layers on which each kind of operation makes sense, by their names."""
    code, task = code_of(config), task_in_worker(config)
    task, data = attach_data(task, config, code=code, on_progress=lambda what, done, total: None)
    model = build(task, config, trial_examples(data, config)[0])
    ends = {id(layer) for layer in answering(model)}
    layers = [named for named in all_layers(model) if graph_of(named.layer) is None and not _is_input(named.layer)]
    removable = [named.path for named in layers if id(named.layer) not in ends] if graph_of(model) is not None else []
    trained = [named.path for named in layers if getattr(named.layer, "trainable_weights", ())]
    drawn = [named.path for named in layers if getattr(named.layer, "weights", ())]
    return {"remove": removable, "identity": removable, "freeze": trained, "reinitialise": drawn}


def _is_input(layer: Any) -> bool:
    return isinstance(layer, keras.layers.InputLayer)
