"""Digests of files and folders."""

import hashlib
import os
from pathlib import Path

import pytest

from study.space.file_digest import file_digest


def test_a_file_has_the_digest_of_its_bytes_and_a_missing_one_none(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\r\n\0")
    assert file_digest(tmp_path / "a.bin") == hashlib.sha256(b"\r\n\0").hexdigest()
    assert file_digest(tmp_path / "gone") == ""


def test_a_folder_is_other_with_any_name_or_byte_of_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "cat").mkdir(parents=True)
    (folder / "cat" / "1.png").write_bytes(b"1")
    digests = [file_digest(folder)]
    (folder / "cat" / "1.png").write_bytes(b"2")
    digests.append(file_digest(folder))
    (folder / "cat" / "1.png").rename(folder / "cat" / "2.png")
    digests.append(file_digest(folder))
    assert len(set(digests)) == 3


def test_an_old_file_is_read_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "large.npy"
    file.write_bytes(b"before")
    os.utime(file, (1_000, 1_000))
    before, opened = file_digest(file), Path.open
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read twice"))
    assert file_digest(file) == before
    monkeypatch.setattr(Path, "open", opened)
    file.write_bytes(b"behind")
    assert file_digest(file) != before


def test_a_file_that_has_just_changed_is_read_again_because_its_time_may_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "new.npy"
    file.write_bytes(b"before")
    state, before = file.stat(), file_digest(file)
    file.write_bytes(b"behind")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert file_digest(file) != before
