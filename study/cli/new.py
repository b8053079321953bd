"""`study new`: a task to begin with, and a study of it, which run as they are."""

import argparse
from pathlib import Path

from study.cli.exit_status import DONE
from study.cli.first_files import STUDY, TASK
from study.errors import StudyError
from study.files import write_whole
from study.space.rules import NAME
from study.space.user_modules import OWN_PACKAGES


def execute(arguments: argparse.Namespace) -> int:
    """Write a task and a study of it."""
    task: Path = arguments.file
    study = task.with_suffix(".toml")
    _check_name(task)
    for path in (task, study):
        if path.exists():
            raise StudyError(f"{path}: exists already, and nothing was written; give another name")
    texts = {task: TASK, study: STUDY}
    try:
        task.parent.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            write_whole(path, text.replace("NAME", task.stem))
    except OSError as error:
        raise StudyError(f"{error.filename or task}: cannot be written: {error.strerror or error}") from None
    print(f"{task}: the data and the model\n{study}: what a study of them varies, and what it costs\n")
    print(f"study check-task {task}   # does each function do what a study needs?")
    print(f"study check {study}       # what would run?")
    print(f"study run {study}         # run it")
    return DONE


def _check_name(path: Path) -> None:
    if path.suffix != ".py" or not NAME.holds(path.stem):
        raise StudyError(f"{path}: give the name of a Python file, such as digits.py; it must be {NAME.words}")
    if path.stem in OWN_PACKAGES:
        raise StudyError(f"{path}: would hide the package {path.stem} from programs in this folder; give another name")
