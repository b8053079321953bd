"""`study cache`."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from study.cli.cache import make
from tests.conftest import ROOT, study


def test_the_cache_is_filled_listed_verified_and_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    assert "holds no data set yet" in study("cache", "list")
    file = str(ROOT / "tests" / "handwritten.toml")
    assert study("cache", "make", file).count("made in") == 2
    assert study("cache", "make", file).count("was there already, undamaged") == 2
    assert study("cache", "verify") == "2 data sets, 0 damaged\n"
    entry, other = json.loads(study("cache", "list", "--json"))["entries"]
    damaged = tmp_path / "cache" / entry["name"] / "pool.inputs.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")}
    assert "pool.inputs.npy is not as it was written" in study("cache", "verify", status=1)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").rglob("*")} == before
    freed = entry["bytes"] + other["bytes"] - 1
    assert study("cache", "clear") == f"{freed / 1e6:,.1f} MB given back\n"
    assert "holds no data set yet" in study("cache", "list")


def test_a_sweep_s_data_are_made_for_every_level_that_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "own.toml"
    file.write_text(SWEEP.format(task=ROOT / "tests" / "handwritten.py"))
    assert study("cache", "make", str(file)).count("made in") == 3


def test_data_with_a_stream_are_counted_and_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "own.toml"
    task = ROOT / "tests" / "user_tasks" / "streaming.py"
    objective = 'objective = { metric = "val_acc", direction = "maximize" }'
    file.write_text(f'task = "{task}"\n{objective}\n[factors]\nunits = [4, 8]\n[design]\nkind = "ablation"\n')
    make(Namespace(file=file))
    assert capsys.readouterr().out.endswith(": 130 examples, not stored, because a split is a stream\n")


SWEEP = """
task = "{task}:task"
objective = {{ metric = "val_acc", direction = "maximize" }}
[factors]
layers = [0, 1, 2]
noise = [0.0, 0.1, 0.2]
[design]
kind = "sweep"
trials = 4
"""
