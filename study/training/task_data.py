"""The data set of a trial: it is the same, and leaves the same, whichever trial has made it."""

from study.data import cache
from study.data.cache import OnProgress
from study.data.dataset import Dataset
from study.engines import process_state
from study.engines.engine import READY
from study.space.task_code import TaskCode
from study.space.trial import TrialConfig
from study.task import Task
from study.training.environment import task_in_worker


def attach_data(task: Task, config: TrialConfig, *, code: TaskCode, on_progress: OnProgress) -> tuple[Task, Dataset]:
    """Returns the task and its data set, from the cache if it is there.

    If `data` of the task had to run, a worker's process is put back, and the task is imported anew. Else the model
    could use what `data` left in variables, which no later trial finds.
    """
    reported: list[str] = []

    def report(what: str, done: int, total: int) -> None:
        reported.append(what)
        on_progress(what, done, total)

    data = cache.attach(task, config.settings, code=code, on_progress=report)
    if reported:
        on_progress(READY, 0, 0)
    if not data.is_new:
        return task, data
    process_state.restore()
    return task_in_worker(config), data
