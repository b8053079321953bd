"""What an earlier version wrote opens unchanged: its stores, its exports, its files of records."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from study import cli
from study.inference.effects import compute_effects
from study.results import load_study
from tests.conftest import ROOT, without_sums

SAMPLES = ROOT / "tests" / "samples"
STORED = ("sample_dose", "sample_sweep")
IMPORTED = "sample_grid"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A copy of the earlier store, with the earlier file of records imported."""
    shutil.copytree(SAMPLES / "store", tmp_path / "store")
    assert run("import", SAMPLES / f"{IMPORTED}.jsonl", store=tmp_path / "store") == 0
    return tmp_path / "store"


def run(*arguments: object, store: Path) -> int:
    return cli.main([*map(str, arguments), "--store", str(store)])


def columns(now: Path, before: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two exported tables, as texts, in the columns of the earlier one: a later version may add columns."""
    later, earlier = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in (now, before))
    return later[list(earlier)], earlier


@pytest.mark.parametrize("name", STORED)
def test_an_earlier_store_exports_the_same_cells(name: str, store: Path, tmp_path: Path) -> None:
    assert run("export", name, "--out", tmp_path / "now.csv", store=store) == 0
    pd.testing.assert_frame_equal(*columns(tmp_path / "now.csv", SAMPLES / f"{name}.csv"))


def test_an_earlier_store_exports_the_same_epochs(store: Path, tmp_path: Path) -> None:
    assert run("export", "sample_dose", "--epochs", "--out", tmp_path / "now.csv", store=store) == 0
    pd.testing.assert_frame_equal(*columns(tmp_path / "now.csv", SAMPLES / "sample_dose_epochs.csv"))


@pytest.mark.parametrize("name", STORED)
def test_an_earlier_store_exports_the_same_records(name: str, store: Path, tmp_path: Path) -> None:
    assert run("export", name, "--out", tmp_path / "now.jsonl", store=store) == 0
    now, before = (path.read_text(encoding="utf-8") for path in (tmp_path / "now.jsonl", SAMPLES / f"{name}.jsonl"))
    # Each line now ends with the sum by which damage is found.
    assert without_sums(now) == before
    assert now.count('"sum":') == len(before.splitlines())


JUDGED = {"verdict", "deciding"}
"""What an earlier version concluded from these numbers. It gave verdicts on two and three seeds."""


@pytest.mark.parametrize("name", [*STORED, IMPORTED])
def test_the_effects_are_the_same_to_the_last_bit(name: str, store: Path) -> None:
    expected = json.loads((SAMPLES / f"{name}.effects.json").read_text(encoding="utf-8"))
    effects = compute_effects(load_study(name, store=store).table)
    numbers = [{key: value for key, value in before.items() if key not in JUDGED} for before in expected]
    assert [{key: written(effect)[key] for key in numbers[0]} for effect in effects] == numbers
    assert {effect.verdict for effect in effects} <= {"undecided", "looks better", "looks worse"}
    assert min(effect.deciding for effect in effects) >= 5


def written(effect: Any) -> dict[str, Any]:
    return {key: repr(value) if isinstance(value, float) else value for key, value in asdict(effect).items()}


@pytest.mark.parametrize("name", [*STORED, IMPORTED])
def test_the_effects_of_an_earlier_export_are_those_of_its_store(
    name: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("effects", name, store=store) == 0
    stored = capsys.readouterr().out
    assert run("effects", SAMPLES / f"{name}.csv", store=store) == 0
    assert capsys.readouterr().out == stored


@pytest.mark.parametrize("name", [*STORED, IMPORTED])
def test_nothing_is_missing_of_an_earlier_study(name: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("status", SAMPLES / f"{name}.toml", "--json", store=store) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["missing"], status["running"], status["failed"]) == (0, 0, 0)
    assert status["cells"] == len((SAMPLES / f"{name}.csv").read_text(encoding="utf-8").splitlines()) - 1


@pytest.mark.parametrize("name", ["sample_dose", "sample_sweep"])
def test_an_earlier_export_of_records_is_imported_whole(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("import", SAMPLES / f"{name}.jsonl", store=tmp_path / "new") == 0
    assert "0 refused" in capsys.readouterr().out
    assert run("export", name, "--out", tmp_path / "again.csv", store=tmp_path / "new") == 0
    now, before = columns(tmp_path / "again.csv", SAMPLES / f"{name}.csv")
    keys = ["key", "point", "seed", "phase", "state", "metric.val_acc", "parameters"]
    pd.testing.assert_frame_equal(now[keys], before[keys])
