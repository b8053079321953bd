"""The scripts are found although a user's file of a common name lies in the current folder."""

from pathlib import Path

from tests.test_init import help_beside


def test_a_users_file_does_not_hide_pythons_own(tmp_path: Path) -> None:
    assert "usage" in help_beside(tmp_path / "random.py", package="analysis")
