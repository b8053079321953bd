"""A second run of a cell, compared with the record number by number."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from study.errors import StoppedError
from study.ledger.codes import Codes
from study.ledger.ledger import Ledger
from study.running.replay import Attended, _changes, alone, replay
from study.space.task_code import TaskCode
from tests.ledger.launches import run
from tests.trial_functions import ENVIRONMENT, curve, space, succeed


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    run(tmp_path / "store", space(seeds=(0,)))
    return Ledger.read(tmp_path / "store", "played")


def test_the_same_function_gives_the_same_numbers_and_records_nothing(ledger: Ledger, tmp_path: Path) -> None:
    before = sorted((tmp_path / "store").rglob("*"))
    cell = ledger.cells()[1]
    again = replay(ledger, cell, function="tests.trial_functions:quick", weights=tmp_path / "none")
    assert (again.epochs, again.numbers, again.differences, again.changes) == (3, 6, (), ())
    assert again.result.state == "complete"
    assert sorted((tmp_path / "store").rglob("*")) == before
    assert not (tmp_path / "none").exists()


def test_each_number_that_differs_is_named(ledger: Ledger, tmp_path: Path) -> None:
    cell = ledger.cells()[0]
    again = replay(ledger, cell, function="tests.trial_functions:failing")
    assert again.result.state == "failed"
    assert again.differences == tuple(
        (epoch, name, value, None)
        for epoch, metrics in enumerate(curve(cell.config), start=1)
        for name, value in metrics.items()
    )


def test_weights_are_copied_to_the_file_that_asks_for_them(ledger: Ledger, tmp_path: Path) -> None:
    cell, weights = ledger.cells()[0], tmp_path / "deep" / "weights"
    replay(ledger, cell, function="tests.trial_functions:leaving_weights", weights=weights)
    assert weights.read_bytes().endswith(cell.config.key.encode())


def test_a_changed_environment_is_named(tmp_path: Path) -> None:
    run(
        tmp_path, space(seeds=(0,)), lambda config: replace(succeed(config), environment={**ENVIRONMENT, "python": "2"})
    )
    ledger = Ledger.read(tmp_path, "played")
    again = replay(ledger, ledger.cells()[0], function="tests.trial_functions:quick")
    assert again.changes == ("python: 2 -> 3",)


def test_other_code_is_named_file_by_file_and_unknown_code_is_no_other(ledger: Ledger) -> None:
    codes = [TaskCode({"task.py": text}) for text in ("before", "now")]
    ledger.codes = Codes().with_code(codes[0]).with_code(codes[1])
    then, now = (succeed(ledger.cells()[0].config) for _ in codes)
    cell = replace(ledger.cells()[0], result=replace(then, code=codes[0].fingerprint))
    assert _changes(ledger, cell, replace(now, code=codes[1].fingerprint)) == ["code: task.py changed"]
    assert _changes(ledger, cell, replace(now, code=codes[0].fingerprint)) == []
    assert _changes(ledger, cell, now) == []


def test_a_cell_that_runs_alone_ends_after_the_epochs_that_are_asked_for(ledger: Ledger, tmp_path: Path) -> None:
    cell = ledger.cells()[0]
    result = alone(ledger, cell, "tests.trial_functions:quick", folder=tmp_path / "alone", epochs=1)
    assert (result.state, result.curve) == ("pruned", curve(cell.config)[:1])


def test_a_second_run_shows_its_progress(ledger: Ledger) -> None:
    console = Console(file=(output := io.StringIO()), width=200)
    cell = ledger.cells()[1]
    replay(ledger, cell, function="tests.trial_functions:quick", attended=Attended(console))
    assert output.getvalue().startswith(f"[1/1]  {cell.point}, seed 0:  val_acc 0.")
    assert "best" not in output.getvalue()


def test_a_second_run_stops_with_its_epoch_and_the_next_one_goes_on(ledger: Ledger, tmp_path: Path) -> None:
    cell, weights = ledger.cells()[0], tmp_path / "cell" / "weights"
    attended = Attended(stopping=lambda: True)
    with pytest.raises(StoppedError, match="baseline, seed 0 was being run again"):
        replay(ledger, cell, function="tests.trial_functions:noting", weights=weights, attended=attended)
    assert not weights.exists()
    again = replay(ledger, cell, function="tests.trial_functions:noting", weights=weights)
    assert (again.result.state, again.differences) == ("complete", ())
    # The second attempt found what the first one had left, and left nothing behind.
    assert weights.read_bytes() == b"1 2 "
    assert list(weights.parent.iterdir()) == [weights]
