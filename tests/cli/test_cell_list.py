"""The list of a study's cells."""

import json
import re
from pathlib import Path

import pytest

from study.cli.commands import main
from study.ledger.ledger import Ledger
from study.ledger.tables import table
from tests.ledger.launches import run
from tests.trial_functions import diverge, space, succeed


@pytest.fixture
def store(tmp_path: Path) -> Path:
    run(tmp_path, space(), lambda config: diverge(config) if config.seed else succeed(config), most=5)
    return tmp_path


def test_each_cell_has_the_key_that_other_commands_take(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "played", "--cells", "--store", str(store)]) == 0
    heading, titles, *rows = capsys.readouterr().out.splitlines()
    assert heading == "study played: 6 cells: 3 complete, 2 diverged, 1 missing"
    assert titles.split() == ["key", "trial", "point", "seed", "state", "val_acc", "seconds"]
    for cell, row in zip(Ledger.read(store, "played").cells(), rows, strict=False):
        parts = re.split(" {2,}", row)
        assert parts[0] == cell.config.key[:12]
        assert cell.state in parts
        assert main(["show", "played", parts[0], "--store", str(store)]) == 0
        shown = capsys.readouterr().out
        trial = f"trial {parts[1]}" if cell.trial is not None else "no trial yet"
        assert shown.startswith(
            f"{cell.point}, seed {cell.config.seed}: {cell.state}, {trial}\nkey {cell.config.key}\n"
        )


def test_the_same_cells_as_json(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "played", "--cells", "--json", "--store", str(store)]) == 0
    listed = json.loads(capsys.readouterr().out)["list"]
    ledger = Ledger.read(store, "played")
    frame = table(ledger)
    assert [cell["key"] for cell in listed] == list(frame["key"])
    assert [cell["trial"] for cell in listed] == [0, 1, 2, 3, 4, None]
    assert frame["trial"].tolist()[:5] == [0, 1, 2, 3, 4]
    assert [cell["value"] is None for cell in listed] == [False, False, False, True, True, True]
