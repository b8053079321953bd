"""The number of cells in each state."""

from pathlib import Path

from study.cli.cell_counts import count_cells, counts_with_total
from study.ledger.ledger import Ledger
from study.space.trial import CELL_STATES
from tests.trial_functions import space


def test_every_state_has_its_number(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        assert count_cells(ledger) == {**dict.fromkeys(CELL_STATES, 0), "missing": 6}
        assert counts_with_total(ledger) == {"cells": 6, **count_cells(ledger)}
