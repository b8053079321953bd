"""A study's file is read once, when the study is launched."""

from pathlib import Path

from study.tracking.study_file import StudyFile


def test_a_file_that_is_gone_or_no_text_is_none(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    paths = (None, tmp_path / "gone.toml", tmp_path / "latin.toml")
    assert [StudyFile.read(path) for path in paths] == [None, None, None]
