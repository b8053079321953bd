"""A journal that is torn or damaged, or that has a lock left over, never makes a cell lost or run twice."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from study.errors import StoreError
from study.ledger import optuna_journal
from study.ledger.ledger import Ledger
from study.ledger.store import study_folder
from tests import toy_task
from tests.ledger.launches import outcomes, run, states
from tests.trial_functions import space


def test_a_journal_that_is_cut_anywhere_loses_one_trial_and_no_cell(tmp_path: Path) -> None:
    small = space(max_retries=1, seeds=(0,), fidelity=replace(toy_task.task.fidelity, epochs=2))
    run(tmp_path / "whole", small, outcomes)
    name = study_folder(Path(), "played") / "trials.journal"
    content = (tmp_path / "whole" / name).read_bytes()
    ends = [place for place, byte in enumerate(content, start=1) if byte == ord("\n")]
    assert len(ends) >= 20
    cuts = [0, 1, *ends, *(end + 1 for end in ends[:-1]), *(end - 1 for end in ends), *(end - 20 for end in ends)]
    for number, cut in enumerate(cuts):
        store = tmp_path / str(number)
        shutil.copytree(tmp_path / "whole", store)
        (store / name).write_bytes(content[:cut])
        if optuna_journal.load((store / name).parent) is None:
            with pytest.raises(
                StoreError, match=r"trials\.journal: holds no study, but 3 cells of it have run; put it"
            ):
                run(store, small, outcomes)
            shutil.rmtree(store)
            continue
        results = content[: content.rfind(b"\n", 0, cut) + 1].count(b'"result"')
        trials = run(store, small, outcomes)
        assert len(trials) == 4 - results, f"cut at {cut}"
        assert states(store) == {"complete": 1, "diverged": 1, "failed": 1}
        shutil.rmtree(store)


def test_a_journal_that_is_missing_is_not_begun_anew(tmp_path: Path) -> None:
    trials = run(tmp_path, space())
    journal = study_folder(tmp_path, "played") / "trials.journal"
    away = journal.rename(tmp_path / "away")
    with pytest.raises(StoreError, match=r"trials\.journal: is missing, but \d+ cells of it have run; put it"):
        run(tmp_path, space())
    assert not journal.exists()
    away.rename(journal)
    assert trials
    assert run(tmp_path, space()) == []


def test_a_study_that_was_cut_off_while_it_was_made_is_said_so(tmp_path: Path) -> None:
    run(tmp_path, space(), most=0)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    for size in (0, 10, len(journal.read_bytes().splitlines()[0]) + 1):
        os.truncate(journal, size)
        with pytest.raises(StoreError, match="its making was cut off"):
            Ledger.read(tmp_path, "played")
    assert len(run(tmp_path, space())) == 6


@pytest.mark.parametrize("line", ["{}", "7", "what is this?", '{"op_code": 77, "worker_id": "0"}'])
def test_a_journal_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path, line: str) -> None:
    run(tmp_path, space())
    journal = study_folder(tmp_path, "played") / "trials.journal"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([*lines[:9], line, *lines[9:], ""]))
    before = journal.read_bytes()
    with pytest.raises(StoreError, match=r"trials\.journal: cannot be read"), Ledger.own(tmp_path, space()):
        pass
    with pytest.raises(StoreError, match=r"trials\.journal: cannot be read"):
        Ledger.read(tmp_path, "played")
    assert journal.read_bytes() == before


def test_a_study_that_something_else_made_is_left_alone(tmp_path: Path) -> None:
    journal = study_folder(tmp_path, "played") / "trials.journal"
    journal.parent.mkdir(parents=True)
    other = optuna.create_study(study_name="played", storage=JournalStorage(JournalFileBackend(str(journal))))
    other.add_trial(optuna.create_trial(value=1.0))
    before = journal.read_bytes()
    with (
        pytest.raises(StoreError, match=r"another version made its study \(without .*threads"),
        Ledger.own(tmp_path, space()),
    ):
        pass
    assert journal.read_bytes() == before


def test_a_study_may_be_renamed_with_its_folder(tmp_path: Path) -> None:
    run(tmp_path, space(), most=4)
    study_folder(tmp_path, "played").rename(study_folder(tmp_path, "better"))
    assert len(run(tmp_path, space(name="better"))) == 2
    assert Ledger.read(tmp_path, "better").space.name == "better"


def test_a_lock_that_a_dead_launcher_left_on_the_journal_holds_nobody_up(tmp_path: Path) -> None:
    run(tmp_path, space(), most=1)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    journal.with_name("trials.journal.lock").symlink_to(journal)
    assert len(run(tmp_path, space())) == 5


def test_zeros_that_a_power_cut_left_in_the_journal_are_cut_off(tmp_path: Path) -> None:
    run(tmp_path, space(), most=3)
    journal = study_folder(tmp_path, "played") / "trials.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code":4' + bytes(4096) + b"}\n" + whole.splitlines(keepends=True)[-1])
    assert len(run(tmp_path, space())) == 3
    assert journal.read_bytes().startswith(whole)
