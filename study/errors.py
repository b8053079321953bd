"""The errors raised on purpose: each message gives the rule, the value and the way out."""

from collections.abc import Iterable


class StudyError(Exception):
    """Something that its reader can mend; the command shows the message as it is and exits with 2."""


class SearchSpaceError(StudyError):
    """A search-space file that cannot be; holds every problem found in it, a line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class TaskError(StudyError):
    """A task that cannot be imported or does not provide what a task must."""


class StoreError(StudyError):
    """A store (the folder of studies) that cannot be read, written, or does not hold what was asked for."""


class DataError(StudyError):
    """A data set that a task made wrongly, or that is too small for what was asked of it."""
