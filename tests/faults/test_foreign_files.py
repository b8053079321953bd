"""Files of other people: no code that they name runs without their reader's word, and no damage of theirs is taken."""

from dataclasses import replace
from pathlib import Path

import pytest

from study import cli
from study.errors import TaskError
from study.ledger.ledger import Ledger
from study.records import record_file
from study.records.import_records import import_records
from study.records.record_file import Header, Record
from study.space.points import listed_cells
from study.space.search_space import SearchSpace
from study.space.task_loading import task_of
from study.tracking.metric_names import MetricNames
from tests.ledger.launches import run
from tests.toy_task import POOLING
from tests.trial_functions import space, succeed


def foreign(folder: Path, **changes: object) -> tuple[SearchSpace, Path]:
    """A study whose task is a file that leaves a mark when its code runs."""
    file = folder / "foreign.py"
    mark = f"from pathlib import Path\nPath({str(folder / 'ran')!r}).touch()\n"
    file.write_text(f"{mark}from tests.toy_task import task\n")
    return replace(space(POOLING), reference=f"{file}:task", **changes), folder / "ran"  # type: ignore[arg-type]


def records(path: Path, space: SearchSpace) -> Path:
    record_file.write(path, Header(space, 1), [Record(config, succeed(config)) for config in listed_cells(space)])
    return path


def test_an_import_lets_no_code_run_that_the_file_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs, ran = foreign(tmp_path)
    path, store = records(tmp_path / "a.jsonl", theirs), tmp_path / "store"
    where = ["--store", str(store)]
    assert cli.main(["import", str(path), *where]) == 0
    assert f"its task is {theirs.reference}, whose code runs only if you say so" in capsys.readouterr().err
    again = tmp_path / "b.jsonl"
    for command in (["list"], ["status", "played"], ["export", "played", "--out", str(again)], ["verify-store"]):
        assert cli.main([*command, *where]) == 0
    assert cli.main(["retry", "played", *where]) == 0
    ledger = Ledger.read(store, "played")
    assert MetricNames.of(ledger.space).sections == ()
    with pytest.raises(TaskError, match="import it again with --trust"):
        task_of(ledger.space)
    assert not ran.exists()
    # What goes to another machine does not depend on this one.
    assert again.read_text() == path.read_text()
    assert cli.main(["import", str(again), "--trust", *where]) == 0
    assert Ledger.read(store, "played").space == theirs
    task_of(Ledger.read(store, "played").space)
    assert ran.exists()


def test_a_task_is_known_if_a_study_of_the_store_runs_the_same_code(tmp_path: Path) -> None:
    ours, _ = foreign(tmp_path)
    theirs = replace(ours, name="theirs")
    path, store = records(tmp_path / "a.jsonl", theirs), tmp_path / "store"
    assert import_records(path, tmp_path / "new").untrusted == theirs.reference
    run(store, ours)
    assert import_records(path, store).untrusted == ""
    # An imported study makes no code known.
    other = records(tmp_path / "b.jsonl", replace(ours, name="other"))
    assert import_records(other, tmp_path / "new").untrusted == theirs.reference
    # The user's own study keeps its task, whatever the file names.
    evil = replace(ours, reference=str(tmp_path / "evil.py"))
    assert import_records(records(tmp_path / "c.jsonl", evil), store).untrusted == ""
    assert Ledger.read(store, "played").space.reference == ours.reference


def test_the_users_own_file_is_the_users_word(tmp_path: Path) -> None:
    theirs, _ = foreign(tmp_path)
    import_records(records(tmp_path / "a.jsonl", theirs), tmp_path / "store")
    run(tmp_path / "store", theirs)
    assert Ledger.read(tmp_path / "store", "played").space.reference == theirs.reference
