"""What users call in their own tests."""

from pathlib import Path

import pytest

from study import testing
from study.running.task_check import Step
from study.testing import check_task


def test_a_task_that_fails_is_an_assertion_with_a_line_for_each_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [Step("data", "pool 80"), Step("units=3", problem="build() failed: ValueError: odd (own.py, line 13)")]
    monkeypatch.setattr(testing, "check_steps", lambda name: iter(steps if name == "a/own.py" else []))
    with pytest.raises(AssertionError) as caught:
        check_task(Path("a/own.py"))
    assert str(caught.value) == (
        "own.py does not do what a study needs:\nunits=3: build() failed: ValueError: odd (own.py, line 13)"
    )
    steps.pop()
    assert check_task("a/own.py") == [Step("data", "pool 80")]
