"""The layout of the cache's folder, and what its errors say."""

from pathlib import Path

import pytest
from filelock import FileLock

from study.data.cache_folder import acquired, drafts, lock_file, remove, usable
from study.errors import DataError


def test_drafts_and_locks_are_found_by_the_name_of_the_data_set(tmp_path: Path) -> None:
    (tmp_path / ".ramp-1.0123").mkdir()
    (tmp_path / ".ramp-2.0123").mkdir()
    lock_file(tmp_path / "ramp-1").touch()
    assert drafts(tmp_path / "ramp-1") == [tmp_path / ".ramp-1.0123"]
    assert lock_file(tmp_path / "ramp-1") == tmp_path / ".ramp-1.lock"


def test_a_lock_is_acquired_by_one_only(tmp_path: Path) -> None:
    path = lock_file(tmp_path / "ramp-1")
    with FileLock(path):
        assert not acquired(FileLock(path))
    assert acquired(FileLock(path))


def test_removing_returns_the_bytes_of_every_file(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(b"12345")
    assert remove(tmp_path / "a", tmp_path / "absent") == 5
    assert not (tmp_path / "a").exists()


def test_an_error_of_the_system_names_the_folder_and_the_way_out(tmp_path: Path) -> None:
    problem = f"the data cache {tmp_path} cannot be used: No space left on device; set STUDY_CACHE to a folder"
    with pytest.raises(DataError, match=f"^{problem}"), usable(tmp_path):
        raise OSError(28, "No space left on device")
