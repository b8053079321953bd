"""A file is whole or as it was before; a torn last line goes; a full disk loses nothing."""

import errno
import os
from pathlib import Path

import pytest

from study.errors import StoreError
from study.files import NO_ROOM, append, cache_folder, cut_torn_line, make_folder, unused, write_whole


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("content", ["α\nβ\n", b"\0\xff\n", ""])
def test_a_file_holds_what_was_written_and_no_draft_stays(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "file.txt"
    path.write_text("a longer content from before")
    write_whole(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("module", "step"), [(os, "fsync"), (Path, "replace")])
def test_a_write_that_fails_leaves_the_old_content_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, step: str
) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    monkeypatch.setattr(module, step, full)
    with pytest.raises(OSError) as caught:
        write_whole(path, "new")
    assert caught.value.errno in NO_ROOM
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_content_then_name_are_put_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(f"/proc/self/fd/{file}").readlink()))
    write_whole(tmp_path / "file.txt", "new")
    assert synced == [tmp_path / "file.txt.tmp", tmp_path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (target := tmp_path / "elsewhere" / "file.txt").write_text("old")
    (link := tmp_path / "file.txt").symlink_to(target)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("torn", ["", '{"torn": ', "\0\0\0\0", "\0\0\n", "x\0\0\n\0"])
def test_a_torn_last_line_is_cut_off_and_lines_are_added_behind_whole_ones(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "lines.jsonl"
    cut_torn_line(path)  # A file that is not there needs nothing.
    append(path, '{"a": 1}\n')
    path.write_text(path.read_text() + torn)
    cut_torn_line(path)
    append(path, '{"c": 3}\n')
    assert path.read_text() == '{"a": 1}\n{"c": 3}\n'


@pytest.mark.parametrize("content", ['{"a": 1}\nx\0\0\n{"b": 2}\n', '{"a\0": 1}\n', "\n\n", '{"a": 1}\n\n'])
def test_zeros_before_other_bytes_are_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(content)
    cut_torn_line(path)
    assert path.read_text() == content


def test_a_folder_is_made_with_its_parents_and_nothing_stays_in_it(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file/folder: cannot be written \(Not a directory\); take another one$"):
        make_folder(tmp_path / "file" / "folder", way="take another one")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"STUDY_CACHE": "/data/cache"}, "/data/cache"),
        ({"XDG_CACHE_HOME": "/home/a/.xdg"}, "/home/a/.xdg/keras-study"),
        ({"HOME": "/home/a"}, "/home/a/.cache/keras-study"),
    ],
)
def test_where_the_cache_is(changes: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUDY_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    made = []
    for _ in range(3):
        (path := unused(tmp_path, "kept", ".jsonl")).touch()
        made.append(path.name)
    assert made == ["kept.jsonl", "kept-2.jsonl", "kept-3.jsonl"]
