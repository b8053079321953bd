"""How studies are found in a store, and how only one process may write a study."""

import os
import platform
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL, OWNER, default_store, folder_path, seems_owned, study_folder
from tests.ledger.launches import run, states, work
from tests.trial_functions import space, succeed


def test_the_study_of_a_folder_is_found_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no study 'played'; it holds no study yet"):
        Ledger.read(tmp_path, "played")
    run(tmp_path, space())
    with pytest.raises(StoreError, match=r"no study 'plaid'; there are played"):
        Ledger.read(tmp_path, "plaid")
    assert Ledger.read(tmp_path, "played").space == space()


def test_the_users_home_is_found_without_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STUDY_STORE", "~/runs")
    assert default_store() == tmp_path / "runs"
    monkeypatch.chdir(tmp_path)
    assert folder_path("~nobody/runs") == tmp_path / "~nobody/runs"
    assert folder_path("a/~") == tmp_path / "a/~"


def test_a_store_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"), Ledger.own(tmp_path / "file", space()):
        pass


def test_a_second_launcher_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        ledger.next()
        with pytest.raises(StoreError) as error, Ledger.own(tmp_path, space()):
            pass
        assert f"'played' is being run by process {os.getpid()} on {platform.node()}" in str(error.value)
        assert states(tmp_path) == {"running": 1, "missing": 5}
        with Ledger.own(tmp_path, space(name="other")) as other:
            assert len(work(other)) == 6
    assert states(tmp_path) == {"missing": 6}


def test_reading_while_a_launcher_writes_disturbs_neither(tmp_path: Path) -> None:
    journal = study_folder(tmp_path, "played") / "trials.journal"
    with Ledger.own(tmp_path, space()) as ledger:
        while trial := ledger.next():
            content = journal.read_bytes()
            journal.write_bytes(content + b'{"op_code":8,"tri')  # A line that is being written.
            assert sum(states(tmp_path).values()) == 6
            journal.write_bytes(content)
            ledger.record(trial.number, succeed(trial.config))


def test_a_watcher_sees_the_owner_without_the_lock(tmp_path: Path) -> None:
    folder = study_folder(tmp_path, "played")
    assert not seems_owned(folder)
    with Ledger.own(tmp_path, space()):
        assert seems_owned(folder)
    assert not seems_owned(folder)
    assert not (folder / OWNER).exists()


@pytest.mark.parametrize(
    ("words", "alive"),
    [
        ("process OURS on HERE", True),
        ("process 4194305 on HERE", False),  # No Linux gives so large a number.
        ("process 1 on another", True),  # Its journal was written a moment ago.
        ("process x on HERE", False),
        ("", False),
        (f"process {10**30} on HERE", False),
    ],
)
def test_an_owner_that_was_killed_or_writes_no_more_is_none(words: str, alive: bool, tmp_path: Path) -> None:
    with Ledger.own(tmp_path, space()):
        pass
    folder = study_folder(tmp_path, "played")
    (folder / OWNER).write_text(words.replace("OURS", str(os.getpid())).replace("HERE", platform.node()))
    assert seems_owned(folder) is alive
    os.utime(folder / JOURNAL, (0, 0))
    assert seems_owned(folder) is (alive and words.endswith("HERE"))


@pytest.mark.parametrize("mask", [0o077, 0o027, 0o022, 0o002])
def test_who_may_read_a_store_is_what_the_user_s_mask_says(mask: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        run(tmp_path / "store", space())
    finally:
        os.umask(before)
    made = [tmp_path / "store", *(tmp_path / "store").rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in made if path.is_dir()} == {0o777 & ~mask}
    assert {path.stat().st_mode & 0o777 for path in made if path.is_file()} == {0o666 & ~mask}
