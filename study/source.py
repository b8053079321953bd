"""Where a study in Python comes from: a search-space file, its keys, or the store."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.edited_modules import forget_edited, note_loaded
from study.space.python_keys import read_keys
from study.space.search_space import SearchSpace
from study.space.task_code import code_of
from study.space.task_import import from_module
from study.space.toml_file import read


@dataclass(frozen=True)
class Source:
    """The definition of a study, which is read again before each run."""

    _make: Callable[[], SearchSpace]
    is_stored: bool = False
    """Whether the definition in the store counts, because the user gave only the study's name."""
    file: Path | None = None
    """The search-space file, if the user gave one."""

    @classmethod
    def of(cls, source: Any, keys: Mapping[str, Any], *, store: Path) -> "Source":
        """Returns the source that the user gives: a file, a dictionary, keys, a search space, or a study's name."""
        if source is None or isinstance(source, Mapping):
            return cls(partial(read_keys, {**(source or {}), **keys}, folder=Path.cwd()))
        if keys:
            raise StudyError(f"{source}: give either a file, or keys ({', '.join(keys)}), not both")
        if isinstance(source, SearchSpace):
            return cls(lambda: source)
        text = str(source)
        if text.endswith(".toml"):
            return cls(partial(read, Path(text)), file=Path(text))
        if text.endswith(".py"):
            raise StudyError(f"{text} is a task; a study of it is Study(task={text!r}, factors=..., ...)")
        return cls(lambda: Ledger.read(store, text).space, is_stored=True)

    def read(self) -> SearchSpace:
        """Returns the definition as it is now. An edited task is loaded anew.

        Raises StudyError if a task's own file asks for this while the file is imported as a task.
        """
        _refuse_inside_a_task()
        forget_edited()
        space = self._make()
        note_loaded(code_of(space))
        return space


def _refuse_inside_a_task() -> None:
    """Raise StudyError if a task is being imported now: its file would run its own study again and again."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code is from_module.__code__:
            raise StudyError(
                "a task's file must not make a study while it is imported: "
                "put these lines below `if __name__ == '__main__':`, or into a file of their own"
            )
