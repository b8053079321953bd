"""The options of a run, and the line after a stop."""

import math
from collections import Counter

import pytest

from study.cli.commands import parser
from study.cli.run_options import report_stop, session_options
from study.running.session import Options, Session


def test_the_command_line_becomes_options() -> None:
    bare = session_options(parser().parse_args(["run", "a.toml"]))
    assert bare == Options(hours=math.inf)
    given = ["--workers", "3", "--threads", "2", "--max-hours", "0.5", "--engine", "ray", "--address", "auto"]
    options = session_options(parser().parse_args(["retry", "a", *given, "--gpus", "1"]))
    assert options == Options(workers=3, threads=2, engine="ray", address="auto", gpus="1", hours=0.5)


def test_a_stop_counts_the_cells_that_are_there(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter(complete=3, failed=1, running=1, missing=5)
    assert report_stop(Session(counts, stopped=True), counts) == 130
    assert capsys.readouterr().out == "stopped: 4 of 10 cells are there and nothing is lost; the same command goes on\n"


@pytest.mark.parametrize(("begun", "words"), [(1, "1 cell has begun"), (2, "2 cells have begun")])
def test_cells_that_have_begun_are_said_to_be_begun(begun: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counter(complete=3, missing=5)
    report_stop(Session(counts, stopped=True, begun=begun), counts)
    end = f"{words} and will go on after the last epoch that is done; the same command goes on\n"
    assert capsys.readouterr().out == f"stopped: 3 of 8 cells are there and nothing is lost; {end}"
