"""Tasks that a file of another machine names. Their code does not run until the user says so."""

from study.errors import TaskError

_MARK = "imported "
"""Stands before the reference of such a task in a stored study. No reference that a user gives begins so."""
TRUSTED_IF = "runs only if you say so: `study run` the study's file, or import it again with --trust"


def untrusted(reference: str) -> str:
    """Returns a reference that names the same task, and that no process loads."""
    return f"{_MARK}{trusted(reference)}"


def trusted(reference: str) -> str:
    """Returns the reference without the mark that keeps its task from being loaded."""
    while reference.startswith(_MARK):
        reference = reference.removeprefix(_MARK)
    return reference


def is_untrusted(reference: str) -> bool:
    """Whether the task of this reference must not be loaded."""
    return reference.startswith(_MARK)


def check_trusted(reference: str) -> None:
    """Raise TaskError if the task of this reference must not be loaded."""
    if is_untrusted(reference):
        raise TaskError(f"task {trusted(reference)!r}: an imported file names it, and its code {TRUSTED_IF}")
