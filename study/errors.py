"""The errors raised on purpose: each message gives the rule, the value, the place and the way out."""

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """A broken rule of a search space, and the key of the file at which it stands."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class StudyError(Exception):
    """Something that the reader of the message can mend; the command shows it as it is and exits with 2."""


class SearchSpaceError(StudyError):
    """A search space that is impossible. Holds every problem, a line each."""

    def __init__(self, problems: Iterable[Problem | str]) -> None:
        self.problems = tuple(map(str, problems))
        super().__init__("\n".join(self.problems))


class TaskError(StudyError):
    """A task that cannot be imported or does not provide what a task must."""


class StoreError(StudyError):
    """A store (the folder of studies) that cannot be read or written, or lacks what was asked for."""


class InferenceError(StudyError):
    """A table that does not hold what a conclusion needs."""


class DataError(StudyError):
    """A data set that a task made wrongly, or that is too small for what was asked of it."""
