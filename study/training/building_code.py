"""The Python code that builds an untrained model by the task's own code, as a model card shows it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from study.space.function_task import FunctionTask
from study.space.task_call import names
from study.space.trial import TrialConfig
from study.task import Task
from study.training.task_home import TaskHome


@dataclass(frozen=True)
class BuildingCode:
    """The imports, and the lines that leave the untrained model in `model`."""

    imports: Sequence[str]
    lines: Sequence[str]
    changing: Sequence[str] = ()
    """The lines that change the layers of the built model, as the study's `[surgery]` does; empty if it does not."""


_OPERATION = "from study.space.surgery import Operation"
_NAMES_ANEW = "keras.utils.clear_session()  # Layers without a name get those that they had in the study."
_OPERATE = "from study.training.layer_surgery import operate"


def building_code(task: Task, config: TrialConfig, *, steps: int) -> BuildingCode:
    """Returns the code that builds the model of a trial whose training takes `steps` batches."""
    home = TaskHome(config.reference)
    if isinstance(task, FunctionTask):
        code = _by_functions(task, config, steps, home)
    else:
        built = f"model = {home.attribute}.build({config.task_settings!r}, steps={steps})"
        code = BuildingCode([home.importing(home.attribute)], [built])
    return _with_surgery(code, config)


def _with_surgery(code: BuildingCode, config: TrialConfig) -> BuildingCode:
    operations = config.surgery.operations(config.settings)
    if not operations:
        return code
    listed = [f"    {operation!r}," for operation in operations]
    changing = [
        "operations = [",
        *listed,
        "]",
        f"model = operate(model, operations, seed={config.seed_for('weights')})",
    ]
    return BuildingCode([*code.imports, _OPERATION, _OPERATE], [_NAMES_ANEW, *code.lines], changing)


def _by_functions(task: FunctionTask, config: TrialConfig, steps: int, home: TaskHome) -> BuildingCode:
    values = {name: repr(level) for name, level in config.task_settings.items()}
    handed = {"steps": repr(steps), "epochs": repr(config.fidelity.epochs), "train": "train"}
    handed["progress"] = "lambda done, total: None"

    def call(function: str) -> str:
        return f"{home.variable}.{function}({', '.join(_arguments(names(task, function), handed | values))})"

    adapts = "train" in names(task, "build")
    data = [f'train = {call("data")}["pool"]  # Its layers are adapted to these examples.'] if adapts else []
    return BuildingCode([home.importing("")], [*data, f"model = {call('build')}"])


def _arguments(asked: Sequence[str], values: Mapping[str, str]) -> Iterator[str]:
    """Yields the arguments of a function as code."""
    return (f"{name}={values[name]}" for name in asked if name in values)
