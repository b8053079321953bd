"""What is said of a run while it goes on: lines without a terminal, a table on one."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from study.engines.engine import Epoch, Finished, Preparing
from study.ledger.cell import Trial
from study.running.progress import Progress
from study.space.objective import Objective
from tests.trial_functions import diverge, fail, space, succeed

CONFIG = space().config({}, seed=0)
CLAIM = Trial(7, CONFIG, "depth=4")


def progress(console: Console, *, done: int = 0) -> Progress:
    return Progress(console, Objective("val_acc", "maximize"), total=12, done=done, workers=2)


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def plain(said: io.StringIO) -> Progress:
    return progress(Console(file=said, width=200), done=2)


def test_a_finished_cell_is_a_line_with_its_outcome_the_best_and_the_time_left(
    plain: Progress, said: io.StringIO
) -> None:
    with plain:
        plain.started(CLAIM)
        plain.received(CLAIM, Epoch(7, 1, {"val_acc": 0.25}))
        result = replace(succeed(CONFIG), seconds=4.0)
        plain.received(CLAIM, Finished(7, result))
    value = f"{result.metrics['val_acc']:.3f}"
    assert said.getvalue() == (
        f"[ 3/12]  depth=4, seed 0:  val_acc {value}  in 4.0 s;  best {value} (depth=4), about 18 s left\n"
    )


def test_a_cell_that_did_not_complete_says_why(plain: Progress, said: io.StringIO) -> None:
    for number, outcome in enumerate((fail, diverge)):
        claim = replace(CLAIM, number=number)
        plain.started(claim)
        plain.received(claim, Finished(number, outcome(CONFIG)))
    failed, diverged = said.getvalue().splitlines()
    assert failed.startswith("[ 2/12]  depth=4, seed 0:  failed: ValueError: no luck  in")  # It is tried again.
    assert diverged.startswith("[ 3/12]  depth=4, seed 0:  diverged: the loss is not a number after epoch 2  in")


def test_a_point_that_the_sampler_did_not_find_says_how_it_was_drawn(plain: Progress, said: io.StringIO) -> None:
    plain.started(replace(CLAIM, origin="drawn at random because the sampler repeated itself"))
    assert said.getvalue() == "depth=4: drawn at random because the sampler repeated itself\n"


def test_what_is_made_is_said_by_the_quarter(plain: Progress, said: io.StringIO) -> None:
    plain.started(CLAIM)
    for done in range(0, 101, 5):
        plain.received(CLAIM, Preparing(7, "making data", done, 100))
    assert said.getvalue().splitlines() == [f"making data: {done} of 100" for done in (0, 25, 50, 75, 100)]


def test_who_waits_for_another_s_data_says_so_once(plain: Progress, said: io.StringIO) -> None:
    for trial in (7, 8):
        claim = replace(CLAIM, number=trial)
        plain.started(claim)
        plain.received(claim, Preparing(trial, "waiting for data that another process makes", 0, 0))
    assert said.getvalue() == "waiting for data that another process makes\n"


def test_a_terminal_shows_a_line_for_each_running_cell(said: io.StringIO) -> None:
    terminal = progress(Console(file=said, width=120, force_terminal=True, color_system=None))
    other = replace(CLAIM, number=8, point="width=8")
    with terminal:
        terminal.started(CLAIM)
        terminal.started(other)
        terminal.received(CLAIM, Epoch(7, 2, {"val_acc": 0.25}))
        terminal.received(other, Preparing(8, "making data", 50, 100))
        terminal._live.refresh()
    shown = said.getvalue()
    assert "0 of 12 cells" in shown
    assert "epoch 2/3  val_acc 0.250" in shown
    assert "examples/s" in shown
    assert "making data: 50 of 100" in shown
