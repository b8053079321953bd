"""The progress of a run: printed lines without a terminal, a table on one."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from study.engines.engine import READY, Epoch, Finished, Preparing
from study.ledger.cell import Trial
from study.running.progress import Progress, _speed
from study.space.objective import Objective
from tests.trial_functions import diverge, fail, space, succeed

CONFIG = space().config({}, seed=0)
TRIAL = Trial(7, CONFIG, "depth=4")


def progress(console: Console, *, done: int = 0) -> Progress:
    return Progress(console, Objective("val_acc", "maximize"), total=12, done=done, workers=2)


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def plain(output: io.StringIO) -> Progress:
    return progress(Console(file=output, width=200), done=2)


def test_a_finished_cell_is_a_line_with_its_outcome_the_best_and_the_time_left(
    plain: Progress, output: io.StringIO
) -> None:
    with plain:
        plain.started(TRIAL)
        plain.received(TRIAL, Epoch(7, 1, {"val_acc": 0.25}))
        result = replace(succeed(CONFIG), seconds=4.0)
        plain.received(TRIAL, Finished(7, result))
    value = f"{result.metrics['val_acc']:.3f}"
    assert output.getvalue() == (
        f"[ 3/12]  depth=4, seed 0:  val_acc {value}  in 4.0 s;  best {value} (depth=4), about 18 s left\n"
    )


def test_a_cell_that_did_not_complete_says_why(plain: Progress, output: io.StringIO) -> None:
    for number, outcome in enumerate((fail, diverge)):
        trial = replace(TRIAL, number=number)
        plain.started(trial)
        plain.received(trial, Finished(number, outcome(CONFIG)))
    failed, diverged = output.getvalue().splitlines()
    assert failed.startswith("[ 2/12]  depth=4, seed 0:  failed: ValueError: no luck  in")  # It is tried again.
    assert diverged.startswith("[ 3/12]  depth=4, seed 0:  diverged: the loss is not a number after epoch 2  in")


def test_a_point_that_the_sampler_did_not_suggest_prints_its_origin(plain: Progress, output: io.StringIO) -> None:
    plain.started(replace(TRIAL, origin="drawn at random because the sampler repeated itself"))
    assert output.getvalue() == "depth=4: drawn at random because the sampler repeated itself\n"


def test_data_that_are_made_print_a_line_at_each_quarter(plain: Progress, output: io.StringIO) -> None:
    plain.started(TRIAL)
    for done in range(0, 101, 5):
        plain.received(TRIAL, Preparing(7, "making data", done, 100))
    plain.received(TRIAL, Preparing(7, READY, 0, 0))
    assert output.getvalue().splitlines() == [f"making data: {done} of 100" for done in (0, 25, 50, 75, 100)]
    assert [stage for _, stage, _, _ in plain.running()] == ["building"]


def test_waiting_for_the_data_of_another_process_is_printed_once(plain: Progress, output: io.StringIO) -> None:
    for number in (7, 8):
        trial = replace(TRIAL, number=number)
        plain.started(trial)
        plain.received(trial, Preparing(number, "waiting for data that another process makes", 0, 0))
    assert output.getvalue() == "waiting for data that another process makes\n"


def test_a_terminal_shows_a_line_for_each_running_cell(output: io.StringIO) -> None:
    terminal = progress(Console(file=output, width=120, force_terminal=True, color_system=None))
    other = replace(TRIAL, number=8, point="width=8")
    with terminal:
        terminal.started(TRIAL)
        terminal.started(other)
        terminal.received(TRIAL, Epoch(7, 2, {"val_acc": 0.25}))
        terminal.received(other, Preparing(8, "making data", 50, 100))
        terminal._live.refresh()
    shown = output.getvalue()
    assert "0 of 12 cells" in shown
    assert "epoch 2/3  val_acc 0.250" in shown
    assert "examples/s" in shown
    assert "making data: 50 of 100" in shown


def test_the_speed_is_told_in_examples_or_if_nobody_counted_them_in_seconds() -> None:
    assert _speed(2, 1_000, 4.0) == "500 examples/s"
    assert _speed(2, None, 5.0) == "2.5 s/epoch"
