"""What users call in their own tests: `check_task` tries every function of a task."""

from os import PathLike
from pathlib import Path

from study.running.task_check import Step, check_steps


def check_task(task: str | PathLike[str]) -> list[Step]:
    """Try a task as `study check-task` does: its file, its name `package.module:task`, or a study's .toml file.

    Returns what was tried. Raises AssertionError with a line for each thing that failed, and StudyError if there is no
    such task. It starts worker processes and takes about half a minute.
    """
    name = str(task)
    steps = list(check_steps(name))
    if failed := [f"{step.name}: {step.problem}" for step in steps if step.problem]:
        raise AssertionError("\n".join([f"{Path(name).name} does not do what a study needs:", *failed]))
    return steps
