"""A journal that is moved, emptied or replaced while a study runs, or a second launcher, ends the run at once."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.ledger.store import JOURNAL
from tests.faults.ballistics import space
from tests.faults.site import Site, wait_until
from tests.toy_task import DEPTH, POOLING

SPACE = space(DEPTH, POOLING)


def replace_by_older(journal: Path) -> None:
    shutil.copy(journal.with_name("older"), journal.with_name("copy"))
    journal.with_name("copy").replace(journal)


def add_a_line(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b'{"op_code":2,"worker_id":"x","study_id":0,"user_attr":{}}\n')


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda journal: journal.rename(journal.with_name("away")), "moved or removed"),
        (lambda journal: os.truncate(journal, 0), "was cut from"),
        (replace_by_older, "replaced by another file"),
        (add_a_line, "another process added"),
    ],
    ids=["moved", "emptied", "replaced", "written"],
)
def test_the_run_ends_with_a_line_and_another_one_does_the_rest(
    tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    site = Site(tmp_path, SPACE)
    journal = site.study / JOURNAL
    with site.start("--workers", "2") as launcher:
        wait_until(lambda: site.progress > 300)
        shutil.copy(journal, journal.with_name("older"))
        size = journal.stat().st_size
        wait_until(lambda: journal.stat().st_size > size)
        before = journal.read_bytes()
        change(journal)
        changed = journal.read_bytes() if journal.exists() else b""
        assert launcher.wait(timeout=60) == 2
    (line,) = site.complaints.read_text().splitlines()
    assert line.startswith(f"{journal}: ")
    assert words in line
    assert (journal.read_bytes() if journal.exists() else b"") == changed, "nothing more may be written"
    journal.write_bytes(before)
    journal.with_name("older").unlink()
    journal.with_name("away").unlink(missing_ok=True)
    assert site.run("--workers", "2") == ""
    site.check()
