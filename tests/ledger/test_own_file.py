"""A file that another process moves, cuts, replaces or writes is noticed before the next line is added to it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.ledger.own_file import FileChangedError, OwnFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def file(path: Path) -> OwnFile:
    made = OwnFile(path)
    made.append([b"one\n", b"two\n"], sync=True)
    return made


def test_lines_are_added_to_a_new_file_and_to_an_old_one(path: Path, file: OwnFile) -> None:
    file.append([b"three\n"], sync=False)
    OwnFile(path).append([b"four\n"], sync=True)
    assert path.read_text().split() == ["one", "two", "three", "four"]


def replace(path: Path) -> None:
    path.rename(path.with_name("away"))
    path.write_bytes(b"one\n")


def add(path: Path) -> None:
    with path.open("ab") as other:
        other.write(b"three\n")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda path: path.rename(path.with_name("away")), "it was moved or removed"),
        (lambda path: path.unlink(), "it was moved or removed"),
        (lambda path: path.parent.rename(path.parent.with_name("elsewhere")), "it was moved or removed"),
        (lambda path: os.truncate(path, 0), "it was cut from 8 bytes to 0"),
        (lambda path: os.truncate(path, 4), "it was cut from 8 bytes to 4"),
        (replace, "it was replaced by another file"),
        (add, "another process added 6 bytes to it"),
    ],
    ids=["moved", "removed", "folder moved", "emptied", "cut", "replaced", "written"],
)
def test_a_file_that_was_changed_gets_no_line(
    path: Path, file: OwnFile, change: Callable[[Path], object], words: str
) -> None:
    change(path)
    before = path.read_bytes() if path.exists() else None
    for _ in range(2):
        with pytest.raises(FileChangedError, match=f"lines: {words} while the study ran$"):
            file.append([b"three\n"], sync=True)
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_file_that_another_process_made_meanwhile_gets_no_line(path: Path) -> None:
    file = OwnFile(path)
    path.touch()
    with pytest.raises(FileChangedError, match="another process made it while the study ran"):
        file.append([b"one\n"], sync=True)


def test_the_same_content_in_another_file_is_as_good(path: Path, file: OwnFile) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").replace(path)
    file.append([b"three\n"], sync=True)
    assert path.read_text().split() == ["one", "two", "three"]
