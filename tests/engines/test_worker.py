"""A worker process seen from inside: what it sends, where output goes, and whose fault a failure is."""

import errno
import os
from multiprocessing import Pipe
from pathlib import Path

import pytest

from study.engines.engine import Built, Epoch, Preparing
from study.engines.worker import PipeReport, _cause, _output_to, _peak_memory, _run
from tests.engines.test_local import config
from tests.trial_functions import succeed


def test_a_report_sends_plain_numbers_and_waits_for_the_answer() -> None:
    import numpy as np

    launcher, worker = Pipe()
    report = PipeReport(7, Path(), worker)
    launcher.send(True)
    launcher.send(False)
    report.preparing("data", 1, 2)
    assert report.built({"parameters": np.int64(10)})  # type: ignore[dict-item]
    assert not report.epoch(1, {"loss": np.float32(0.5)})  # type: ignore[dict-item]
    messages = [launcher.recv() for _ in range(3)]
    assert messages == [
        (Preparing(7, "data", 1, 2), False),
        (Built(7, {"parameters": 10}), False),
        (Epoch(7, 1, {"loss": 0.5}), False),
    ]
    assert type(messages[1][0].size["parameters"]) is int


def test_a_function_is_found_by_its_name(tmp_path: Path) -> None:
    report = PipeReport(7, tmp_path, Pipe()[0])
    assert _run("tests.trial_functions:silent", config(), report) == succeed(config())
    missing = _run("tests.trial_functions:missing", config(), report)
    assert (missing.state, missing.failure) == ("failed", "exception")
    assert missing.reason.startswith("AttributeError: module 'tests.trial_functions' has no attribute 'missing'")


def test_everything_printed_goes_to_the_file_and_the_streams_come_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ValueError, match="no luck"), _output_to(tmp_path / "folder" / "log"):
        os.write(1, b"to stdout\n")
        os.write(2, b"to stderr\n")
        raise ValueError("no luck")
    os.write(1, b"after\n")
    assert (tmp_path / "folder" / "log").read_text() == "to stdout\nto stderr\n"
    output, errors = capfd.readouterr()
    assert output == "after\n"
    assert errors.endswith("ValueError: no luck\n")  # Pytest's own stream in place of Python's.


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


def test_memory_is_measured_in_bytes() -> None:
    assert 1e7 < _peak_memory() < 1e11
