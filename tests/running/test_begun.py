"""Cells that have begun and are not finished."""

from pathlib import Path

from study.ledger.ledger import Ledger
from study.running.begun import begun_cells
from tests.ledger.launches import work
from tests.running.begun_study import begun
from tests.trial_functions import curve, space


def test_a_running_cell_and_one_that_was_stopped_tell_their_epochs(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        work(ledger, most=1)
        stopped, lost, running, starting = (begun(ledger, epochs=epochs) for epochs in (2, 0, 1, 0))
        for trial in (stopped, lost):
            ledger.release(trial.number, "stopped")
        found = {one.cell.config.key: one for one in begun_cells(ledger, ledger.cells())}
    assert list(found) == [trial.config.key for trial in (stopped, running, starting)]
    first = found[stopped.config.key]
    assert (first.cell.state, first.epochs, first.share) == ("missing", 2, 2 / 3)
    assert first.curve == curve(stopped.config)[:2]
    assert [found[trial.config.key].epochs for trial in (running, starting)] == [1, 0]
    assert all(one.cell.begun for one in found.values())
