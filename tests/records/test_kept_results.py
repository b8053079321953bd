"""If the journal is gone, what a run knows is kept in a file that `study import` takes."""

from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.ledger.own_file import FileChangedError
from study.ledger.store import JOURNAL, study_folder
from study.records.import_records import import_records
from study.records.kept_results import keep_results
from tests.ledger.launches import states, work
from tests.trial_functions import space


def test_every_result_so_far_comes_back_by_an_import(tmp_path: Path) -> None:
    with pytest.raises(FileChangedError) as changed, Ledger.own(tmp_path, space()) as ledger:
        work(ledger, most=4)
        (study_folder(tmp_path, "played") / JOURNAL).unlink()
        work(ledger)
    for name in ("kept-results.jsonl", "kept-results-2.jsonl"):
        message = keep_results(ledger, changed.value)
        path = study_folder(tmp_path, "played") / name
        assert message.startswith(
            f"{study_folder(tmp_path, 'played') / JOURNAL}: it was moved or removed while the study"
        )
        assert "so it ends here; 4 results and the checkpoints in" in message
        assert message.endswith(f"study import {path}")
    assert import_records(path, tmp_path).imported == 4
    assert states(tmp_path) == {"complete": 4, "missing": 2}
