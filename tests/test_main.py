"""`python -m study` is the command `study`."""

import runpy
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(("arguments", "status"), [(["list"], 0), (["status", "nothing"], 2)])
def test_the_exit_status_is_that_of_the_command(
    arguments: list[str], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["study", *arguments, "--store", str(tmp_path)])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("study", run_name="__main__")
    assert end.value.code == status
