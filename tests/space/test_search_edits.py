"""Folders that a file adds to Python's search path."""

from pathlib import Path

import pytest

from study.space.search_edits import extended


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sys.path.insert(0, str(Path(__file__).parent / 'lib'))", ["{}/lib", "a"]),
        ("sys.path.append('{}/lib')", ["a", "{}/lib"]),
        ("sys.path.append(HERE + '/lib')", ["a", "{}/lib"]),
        ("sys.path.extend([HERE, 'b'])", ["a", "{}", "b"]),
        ("sys.path += ['b', 'a']", ["a", "b"]),
        ("site.addsitedir(HERE)", ["a", "{}"]),
        ("if True:\n    sys.path.insert(1, 'b')", ["b", "a"]),
        ("sys.path.append(choose())", ["a"]),
        ("other.path.append('b'); print('sys.path')", ["a"]),
        ("def broken(: sys.path", ["a"]),
    ],
)
def test_the_folders_that_a_file_adds(line: str, expected: list[str], tmp_path: Path) -> None:
    here = str(tmp_path)
    (tmp_path / "task.py").write_text(f"import sys\nHERE = '{here}'\n{line.replace('{}', here)}\n")
    assert extended(["a"], [tmp_path / "task.py"]) == [folder.replace("{}", here) for folder in expected]
