"""The errors that the package raises on purpose. Each message gives the rule, the value, the place and the way out."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """A rule that a search space breaks, and the key of the file that breaks it."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class StudyError(Exception):
    """A problem that the user can solve. The command prints the message without a traceback, and exits with 2."""

    def _render_traceback_(self) -> list[str]:
        """Returns what a notebook shows: the message alone, because the lines of this package do not help the user."""
        return [f"{type(self).__name__}: {self}"]


class StoppedError(KeyboardInterrupt):
    """A run was stopped. Everything so far is kept; the rest of a script or notebook must not run.

    `signal` is the signal by which the user asked for it; None if the time was up.
    """

    def __init__(self, text: str, *, signal: int | None = None) -> None:
        super().__init__(text)
        self.signal = signal

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class SearchSpaceError(StudyError):
    """A search space is impossible. The error holds every problem, a line each."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = tuple(map(str, problems))
        super().__init__("\n".join(self.problems))


class TaskError(StudyError):
    """A task cannot be imported, or lacks a part that every task must have."""


class SurgeryError(StudyError):
    """A model cannot be changed as a point asks. The cell of that point is refused, and the study goes on."""


class StoreError(StudyError):
    """A store (the folder of studies) cannot be read or written, or lacks the study or cell that the user named."""


class InferenceError(StudyError):
    """A table lacks a column or a value that a conclusion needs."""


class DataError(StudyError):
    """A data set is wrong or too small, or the cache of data sets cannot be used."""
