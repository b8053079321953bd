"""The result of a trial that raised an exception: its reason in one line, with the line of the user's own code."""

import re
import traceback

from study.errors import SurgeryError
from study.files import NO_ROOM
from study.space.printable import printable_line
from study.space.trial import Failure, TrialResult
from study.space.user_files import raised_at, user_frames

_NODE = re.compile(r"Detected at node (\w+(?:/\w+)?)\S* defined at")
"""In TensorFlow's message about an error in a graph: the beginning of the node's name, as in `compile_loss/mse`."""
_MOST_OF_MESSAGE = 300
"""How many characters of an exception's message the reason shows. The traceback has the rest."""


def failed_result(error: BaseException, seconds: float) -> TrialResult:
    """Returns a failed result, or a refused one if the point asks for a change that its model does not take.

    The traceback begins with the lines of the user's own code.
    """
    if isinstance(error, SurgeryError):
        return TrialResult("refused", seconds=seconds, reason=str(error))
    message = _message(error)
    frames = user_frames(error)
    summary = ["In the task:\n", *traceback.format_list(frames), "All of it:\n"] if frames else []
    return TrialResult(
        "failed",
        failure=_cause(error, f"{type(error).__name__}: {message}".lower()),
        seconds=seconds,
        reason=_reason(error, message) + raised_at(error),
        traceback="".join([*summary, *traceback.format_exception(error)]),
    )


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as problem:  # This is the user's code.
        return f"its message cannot be shown, because {type(problem).__name__} was raised meanwhile"


def _reason(error: BaseException, message: str) -> str:
    """Returns the exception's type and the first line of its message."""
    name, lines = type(error).__name__, [line for line in map(str.strip, message.splitlines()) if line]
    if node := _NODE.search(message):
        lines = [f"{_of_graph(message) or lines[0]}, in {node[1]}"]
    if not lines:
        return name
    # The first line of Keras's messages often says only where the exception was raised, and the next one says what.
    shown = " ".join(lines[:2]) if lines[0].endswith((".", ":")) else lines[0]
    return f"{name}: {printable_line(shown, most=_MOST_OF_MESSAGE)}"


def _of_graph(message: str) -> str:
    """Returns what TensorFlow says of an error in a graph: the line below a long traceback of the graph's making."""
    below = message[message.rindex("Detected at node") :].splitlines()[1:]
    return next((line for line in reversed(below) if line[:1].strip()), "")


def _cause(error: BaseException, reason: str) -> Failure:
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "disk"
    # TensorFlow's ResourceExhaustedError and JAX's XlaRuntimeError: neither is a MemoryError.
    memory = isinstance(error, MemoryError) or ("resource" in reason and "exhausted" in reason)
    return "memory" if memory else "exception"
