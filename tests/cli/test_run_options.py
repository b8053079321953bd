"""The options of a run, and the line after a stop."""

import math
from collections import Counter

import pytest

from study.cli.commands import parser
from study.cli.run_options import report_stop, session_options
from study.running.session import Options


def test_the_command_line_becomes_options() -> None:
    bare = session_options(parser().parse_args(["run", "a.toml"]))
    assert bare == Options(hours=math.inf)
    given = ["--workers", "3", "--threads", "2", "--max-hours", "0.5", "--engine", "ray", "--address", "auto"]
    options = session_options(parser().parse_args(["retry", "a", *given, "--gpus", "1"]))
    assert options == Options(workers=3, threads=2, engine="ray", address="auto", gpus="1", hours=0.5)


def test_a_stop_counts_the_cells_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert report_stop(Counter(complete=3, failed=1, running=1, missing=5)) == 130
    assert capsys.readouterr().out == (
        "stopped: 4 of 10 cells are there and nothing is lost; the same command goes on\n"
    )
