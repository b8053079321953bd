"""Has the code of a model card run by a process that knows neither the task nor this package."""

import importlib.util
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from study.space.task_loading import BUILT_IN, split_reference
from study.training import fresh_opening
from study.training.backends import backend

_SECONDS = 600.0


@dataclass(frozen=True)
class FreshProcess:
    """A running process."""

    process: "subprocess.Popen[str]"
    hidden: Sequence[str]
    """The modules that count as unknown there: this package, and the task's own."""

    def problem(self, code: str, folder: Path, *, expected: Path, folders: Sequence[str] = ()) -> str:
        """Run a piece of code in the folder with the model's files. `expected` is the file with the model's answers.

        Returns in one line what is wrong with the `answers` of the code, or an empty text. If the code needs the
        task's, `folders` are those in which that lies.
        """
        # A task may import this package, and modules from where Python was told to look for them.
        hidden, searched = ([], [*folders, *_searched()]) if folders else (list(self.hidden), [])
        asked: dict[str, object] = {"code": code, "folder": str(folder), "expected": str(expected)}
        asked |= {"hidden": hidden, "folders": searched}
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(f"{json.dumps(asked)}\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], _SECONDS)
            return str(json.loads(self.process.stdout.readline())) if ready else "the process that opened it hangs"
        except (OSError, ValueError):  # It has ended, and wrote no line.
            return f"the process that opened it ended with exit status {self.process.wait()}"


@contextmanager
def fresh_process(reference: str, *, modules: Sequence[str] = ("keras",)) -> Iterator[FreshProcess]:
    """Start a process for the model of a task. It imports these modules while the caller writes the model's files."""
    needed = [_place(name) for name in ("keras", "numpy", backend.name(), *modules)]
    # With -I Python looks neither in the current folder nor in PYTHONPATH, where the task may lie. With -B it writes no
    # file among the model's.
    command = [sys.executable, "-I", "-B", fresh_opening.__file__, json.dumps(needed), json.dumps(modules)]
    # In a session of its own, because a SIGTERM to the whole job would be taken for a model that cannot be opened.
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield FreshProcess(process, ["study", *_task_package(reference)])
    finally:
        process.kill()
        process.communicate()


def _searched() -> list[str]:
    """Returns the folders that a user's code is imported from, besides its own."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [*filter(None, given), str(Path.cwd()), _place("study")]


def _place(package: str) -> str:
    """Returns the folder in which a package lies."""
    spec = importlib.util.find_spec(package.partition(".")[0])
    return str(Path(spec.origin).parents[1]) if spec and spec.origin else ""


def _task_package(reference: str) -> list[str]:
    """Returns the package of a user's task that Python imports by name, perhaps because it is installed."""
    module, _ = split_reference(reference)
    return [] if reference in BUILT_IN or module.endswith(".py") else [module.partition(".")[0]]
