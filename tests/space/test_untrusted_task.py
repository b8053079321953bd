"""Marks of tasks whose code may not run."""

from pathlib import Path

import pytest

from study.errors import TaskError
from study.space.task_code import UNKNOWN, task_code
from study.space.task_loading import load_task
from study.space.untrusted_task import is_untrusted, trusted, untrusted


@pytest.mark.parametrize("reference", ["./digits.py", "/a b/digits.py:task", "my.digits:task", "qr_digits", ""])
def test_a_mark_is_set_once_and_taken_off(reference: str) -> None:
    marked = untrusted(untrusted(reference))
    assert is_untrusted(marked)
    assert not is_untrusted(reference)
    assert trusted(marked) == trusted(reference) == reference


def test_a_marked_task_is_not_loaded(tmp_path: Path) -> None:
    file, marker = tmp_path / "digits.py", tmp_path / "ran"
    file.write_text(f"from pathlib import Path\nPath({str(marker)!r}).touch()\n")
    (tmp_path / "imported digits.py").write_text(file.read_text())
    for reference in (str(file), f"{file}:task", "digits.py", "digits.py:task"):
        with pytest.raises(TaskError, match=r"an imported file names it, and its code runs only if you say so"):
            load_task(untrusted(reference), folder=tmp_path)
        assert task_code(untrusted(reference), folder=tmp_path) == UNKNOWN
    assert not marker.exists()
    with pytest.raises(TaskError, match="names 'task'"):
        load_task(f"{file}:task", folder=tmp_path)
    assert marker.exists()
