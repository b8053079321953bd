"""`study new`."""

from pathlib import Path

import pytest

from study.cli.commands import main
from study.space.toml_file import read


def test_the_two_files_declare_a_study_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "inner" / "arms.py"
    assert main(["new", str(file)]) == 0
    assert f"study run {tmp_path / 'inner' / 'arms.toml'}" in capsys.readouterr().out
    space = read(file.with_suffix(".toml"))
    assert (space.name, space.task, space.reference) == ("arms", "arms", str(file))
    assert "arms.toml" in file.read_text()


@pytest.mark.parametrize("taken", ["arms.py", "arms.toml"])
def test_no_file_is_overwritten(tmp_path: Path, taken: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / taken).write_text("mine")
    assert main(["new", str(tmp_path / "arms.py")]) == 2
    assert f"{taken}: exists already, and nothing was written" in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(taken, "mine")]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("digits", "give the name of a Python file, such as digits.py"),
        ("digits.toml", "give the name of a Python file"),
        ("my digits.py", "it must be at most 64 letters, digits, '_' and '-', the first a letter or a digit"),
        ("keras.py", "would hide the package keras from programs in this folder; give another name"),
        ("a/b.py/c.py", "cannot be written: "),
    ],
)
def test_a_name_that_does_not_fit_gets_one_line(
    tmp_path: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").touch()
    assert main(["new", str(tmp_path / name)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
