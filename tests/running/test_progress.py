"""The progress of a run: printed lines without a terminal, a table on one."""

import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from study.engines.engine import READY, Built, Epoch, Finished, Preparing
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


def test_a_finished_cell_is_a_line_with_its_outcome_the_new_best_and_the_time_left(
    plain: Progress, output: io.StringIO
) -> None:
    with plain:
        plain.started(TRIAL)
        plain.received(TRIAL, Epoch(7, 1, {"val_acc": 0.25}))
        result = replace(succeed(CONFIG), seconds=4.0)
        plain.received(TRIAL, Finished(7, result))
    value = f"{result.metrics['val_acc']:.3f}"
    assert output.getvalue() == (
        f"[ 3/12]  depth=4, seed 0:  val_acc {value}  in 4.0 s;  best of this run {value} (depth=4), about 18 s left\n"
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


def finished(number: int, value: float, **trial: Any) -> tuple[Trial, Finished]:
    result = replace(succeed(CONFIG), curve=({"val_acc": value},), seconds=4.0)
    return replace(TRIAL, number=number, **trial), Finished(number, result)


def test_the_best_is_told_only_if_it_changes(plain: Progress, output: io.StringIO) -> None:
    for number, (value, point) in enumerate([(0.5, "a=1"), (0.4, "a=2"), (0.75, "a=3"), (0.25, "a=3")]):
        trial, message = finished(number, value, point=point)
        plain.started(trial)
        plain.received(trial, message)
    told = [line.partition(";  ")[2].rpartition(", about")[0] for line in output.getvalue().splitlines()]
    assert told == ["best of this run 0.500 (a=1)", "", "best of this run 0.750 (a=3)", "best of this run 0.500 (a=1)"]


def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, which a test sets."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now


def speeds(shown: Progress, now: list[float], *after: float) -> list[str]:
    """The speed that is shown after each epoch, which takes so many seconds."""
    shown.started(TRIAL)
    told = []
    for epoch, seconds in enumerate(after, start=1):
        now[0] += seconds
        shown.received(TRIAL, Epoch(7, epoch, {"val_acc": 0.25}))
        told.append(shown.running()[0][2])
    return told


def test_the_speed_is_that_of_training_without_imports_and_compiling(
    plain: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert speeds(plain, clock(monkeypatch), 30.0, 0.5, 0.5) == ["", "200 examples/s", "200 examples/s"]


def test_epochs_of_an_earlier_attempt_do_not_make_a_trial_fast(
    plain: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two epochs are reported again at once, the third one compiles, and only the others are trained as usual.
    assert speeds(plain, clock(monkeypatch), 30.0, 0.0, 20.0, 2.0, 2.0) == [
        "",
        "",
        "",
        "50 examples/s",
        "50 examples/s",
    ]


def test_before_the_first_cell_is_finished_its_epochs_tell_the_time_left(
    plain: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock(monkeypatch)
    plain.started(TRIAL)
    now[0] += 30
    plain.received(TRIAL, Built(7, {}))
    assert plain.heading() == "2 of 12 cells"
    now[0] += 4
    plain.received(TRIAL, Epoch(7, 1, {"val_acc": 0.25}))
    # A cell takes 12 seconds, and 9 2/3 of them are left for two workers.
    assert plain.heading() == "2 of 12 cells;  about 58 s left"


def test_a_terminal_shows_a_line_for_each_running_cell(output: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock(monkeypatch)
    terminal = progress(Console(file=output, width=80, force_terminal=True, color_system=None))
    other = replace(TRIAL, number=8, point="width=8 " * 9)
    with terminal:
        terminal.started(TRIAL)
        terminal.started(other)
        for epoch in (1, 2):
            now[0] += 10
            terminal.received(TRIAL, Epoch(7, epoch, {"val_acc": 0.25}))
        terminal.received(other, Preparing(8, "making data", 50, 100))
        terminal._live.refresh()
    shown = output.getvalue()
    assert "0 of 12 cells" in shown
    assert "epoch 2/3  val_acc 0.250  10 examples/s  20 s" in shown
    assert "making data: 50 of 100" in shown


def test_a_line_of_a_terminal_leaves_the_time_to_the_heading_and_breaks_at_blanks(output: io.StringIO) -> None:
    terminal = progress(Console(file=output, width=60, force_terminal=True, color_system=None))
    trial, message = finished(7, 0.5, point="learning_rate=0.001 pooling=global_average")
    terminal.started(trial)
    terminal.received(trial, message)
    assert output.getvalue().splitlines() == [
        "[ 1/12]  learning_rate=0.001 pooling=global_average, seed 0:",
        "val_acc 0.500  in 4.0 s;  best 0.500 (learning_rate=0.001",
        "pooling=global_average)",
    ]


def test_a_terminal_without_cursor_gets_lines(output: io.StringIO) -> None:
    dumb = progress(Console(file=output, width=80, force_terminal=True, _environ={"TERM": "dumb"}))
    with dumb:
        trial, message = finished(7, 0.5)
        dumb.started(trial)
        dumb.received(trial, message)
    assert output.getvalue().splitlines()[0].startswith("[ 1/12]  depth=4, seed 0:  val_acc 0.500  in 4.0 s;")
    assert "\x1b" not in output.getvalue()


def test_a_quiet_console_leaves_other_output_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(Console(quiet=True, force_terminal=True)):
        print("a line of another")
    assert capsys.readouterr().out == "a line of another\n"


def test_the_speed_is_told_in_examples_or_if_nobody_counted_them_in_seconds() -> None:
    assert _speed(2, 1_000, 4.0) == "500 examples/s"
    assert _speed(2, None, 5.0) == "2.5 s/epoch"


def test_a_total_that_grows_with_a_look_is_counted_again() -> None:
    asked = []

    def recount() -> int:
        asked.append(1)
        return 5

    console = Console(file=io.StringIO(), width=200)
    with Progress(console, Objective("val_acc", "maximize"), total=2, done=1, workers=1, recount=recount) as progress:
        for number in range(2):
            trial = Trial(number, space().config({}, seed=number), "baseline")
            progress.started(trial)
            assert len(asked) == number
            progress.received(trial, Finished(number, succeed(trial.config)))
        assert progress.heading().startswith("3 of 5 cells")
