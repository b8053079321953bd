"""A worker process seen from inside: how it runs a function, and where output goes."""

import os
from multiprocessing import Pipe
from pathlib import Path

import pytest

from study.engines.pipe_report import PipeReport
from study.engines.worker import _output_to, _peak_memory, _run
from tests.engines.test_local import config
from tests.trial_functions import succeed


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


def test_memory_is_measured_in_bytes() -> None:
    assert 1e7 < _peak_memory() < 1e11
