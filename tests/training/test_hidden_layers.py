"""The layers for which `each` stands in the model that a task builds."""

from study.space.task_loading import load_task
from study.space.trial import TrialConfig
from study.task import defaults
from study.training.hidden_layers import hidden_layers
from tests.conftest import ROOT


def config(name: str) -> TrialConfig:
    reference = f"{ROOT / 'tests' / 'user_tasks' / name}.py:task"
    task = load_task(reference, folder=ROOT)
    return TrialConfig(task.name, 1, defaults(task), defaults(task), task.fidelity, seed=0, reference=reference)


def test_a_graph_has_layers_to_remove_and_every_model_has_layers_to_train() -> None:
    layers = hidden_layers(config("branched"))
    assert layers["remove"] == layers["identity"] == ["hidden", "branch", "sum"]
    assert layers["freeze"] == layers["reinitialise"] == ["hidden", "branch", "answer"]
    assert hidden_layers(config("own_fit"))["remove"] == hidden_layers(config("own_fit"))["freeze"][:-1]
