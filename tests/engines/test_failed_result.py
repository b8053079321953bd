"""The reason of a failure is one line that says what and where, whatever the exception holds."""

import errno
import os

import pytest

from study.engines.failed_result import _cause, failed_result
from study.errors import SurgeryError


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (OSError(errno.ENOENT, "No such file"), "exception"),
        (MemoryError(), "memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: out of memory"), "memory"),
        (ValueError("no luck"), "exception"),
    ],
)
def test_the_cause_of_a_failure(error: BaseException, cause: str) -> None:
    assert _cause(error, f"{type(error).__name__}: {error}".lower()) == cause


def test_a_model_that_cannot_be_changed_as_asked_is_refused_and_has_not_failed() -> None:
    result = failed_result(SurgeryError("surgery: answer cannot be removed"), 2.0)
    assert (result.state, result.failure, result.reason) == ("refused", "", "surgery: answer cannot be removed")
    assert (result.seconds, result.traceback) == (2.0, "")


GRAPH = """Graph execution error:

Detected at node compile_loss/mse/{node} defined at (most recent call last):
  File "<string>", line 1, in <module>

  File "/a/task.py", line 3, in compiled

{said}
\t [[{{{{node compile_loss/mse/{node}}}}}]] [Op:__inference_steps_1801]"""


class SilentError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no message")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("no luck\nnone at all"), "ValueError: no luck"),
        (ValueError("\n\n  late\n"), "ValueError: late"),
        (ValueError(""), "ValueError"),
        (ValueError(), "ValueError"),
        (KeyError("units"), "KeyError: 'units'"),
        (SystemExit(3), "SystemExit: 3"),
        (SilentError(), "SilentError: its message cannot be shown, because RuntimeError was raised meanwhile"),
        (OSError("no " + os.fsdecode(b"caf\xe9")), "OSError: no caf\\udce9"),
        (ValueError("a\0b\x1b[2Jc"), "ValueError: a\\x00bc"),
        (
            RuntimeError(GRAPH.format(node="Cast", said="Cast string to float is not supported")),
            "RuntimeError: Cast string to float is not supported, in compile_loss/mse",
        ),
        (
            RuntimeError(GRAPH.format(node="Gather_2", said="")),
            "RuntimeError: Graph execution error:, in compile_loss/mse",
        ),
        (
            ValueError("Exception encountered when calling Dense.call().\n\n\x1b[1mShapes differ.\x1b[0m\n\nArguments"),
            "ValueError: Exception encountered when calling Dense.call(). Shapes differ.",
        ),
    ],
)
def test_the_reason_is_one_printable_line(error: BaseException, reason: str) -> None:
    result = failed_result(error, 1.5)
    assert (result.state, result.seconds) == ("failed", 1.5)
    assert result.reason == reason


def test_a_long_message_is_cut_in_the_reason_and_the_place_still_follows() -> None:
    try:
        raise ValueError("x" * 10**7)
    except ValueError as error:
        result = failed_result(error, 0.0)
    assert len(result.reason) < 400
    assert result.reason.startswith("ValueError: xxx")
    assert "… (test_failed_result.py, line " in result.reason
    assert result.traceback.startswith("In the task:\n")
    assert len(result.traceback) <= 20_000
