"""`study check-task`."""

import pytest

from study.cli import check_task
from study.cli.commands import main
from study.running.task_check import Step


def test_each_step_is_a_line_and_a_failure_is_an_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [Step("data", "pool 80"), Step("units=3", problem="build() failed", traceback="In the task: …")]
    monkeypatch.setattr(check_task, "check_steps", lambda name: iter(steps))
    assert main(["check-task", "own.py"]) == 1
    assert capsys.readouterr() == ("ok      data: pool 80\nFAILED  units=3: build() failed\n", "")
    assert main(["check-task", "own.py", "--verbose"]) == 1
    assert capsys.readouterr().err == "In the task: …\n"
    steps.pop()
    assert main(["check-task", "own.py"]) == 0


def test_what_is_no_task_gets_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-task", "nowhere.py"]) == 2
    assert "task 'nowhere.py': no such file: " in capsys.readouterr().err
