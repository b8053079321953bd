"""`study relocate`."""

from pathlib import Path

import pytest

from study import cli
from study.cli import relocate


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"/old": {"runs": 9, "models": 1}}, "/old -> {store} (runs: 9, models: 1)\n"),
        ({}, "{store}: nothing to mend, because every path is already right\n"),
    ],
)
def test_the_changes_are_counted_by_former_store(
    changes: dict[str, dict[str, int]],
    line: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(relocate, "relocate", lambda store: changes)
    assert cli.main(["relocate", "--store", str(tmp_path)]) == 0
    assert capsys.readouterr().out == line.format(store=tmp_path)


def test_a_store_without_a_log_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["relocate", "--store", str(tmp_path)]) == 2
    assert "nothing was logged yet" in capsys.readouterr().err
