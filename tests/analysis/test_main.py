"""`python -m analysis`: every figure that suits a study, where each lies, and why the others are not drawn."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import __main__ as analysis_main
from analysis.drawing.source import Source
from study.tracking import experiment
from tests.analysis.synthetic_tables import QUICK, csv, epochs, grid, sweep, table
from tests.conftest import ROOT


@pytest.mark.slow
def test_a_study_in_a_store_keeps_its_figures_and_logs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged = in_store(monkeypatch, table())
    assert analysis_main.main(["synthetic", "--store", str(tmp_path)]) == 0
    folder = tmp_path / "studies" / "synthetic" / "figures"
    names = ["depth.png", "factors.png", "curves.png", "ablation.png", "positions.png", "cost.png", "claims.md"]
    printed = capsys.readouterr()
    assert printed.out.split() == [str(folder / name) for name in names]
    assert printed.err.startswith(
        "not for this study: damage, heatmap, interaction, confusion, saliency, trace, importance, path;"
    )
    assert logged == [(tmp_path, "synthetic", folder / name) for name in names]


def test_where_depth_alone_was_varied_it_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_store(monkeypatch, table(QUICK[:3], base={"conv_depth": 4}))
    assert analysis_main.main(["synthetic", "--store", str(tmp_path)]) == 0
    names = [Path(line).stem for line in capsys.readouterr().out.split()]
    assert names == ["depth", "curves", "ablation", "positions", "cost", "claims"]


@pytest.mark.parametrize(
    "cells", [pytest.param(grid(), id="grid", marks=pytest.mark.slow), pytest.param(sweep(), id="sweep")]
)
def test_every_kind_of_study_has_figures(cells: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = in_store(monkeypatch, cells)
    assert analysis_main.main(["synthetic", "--store", str(tmp_path)]) == 0
    drawn = {path.stem for *_, path in logged}
    assert drawn > {"factors", "curves", "ablation", "positions", "cost", "importance", "claims"}


def test_an_unknown_study_is_said_once_for_all_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert analysis_main.main(["nosuch", "--store", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"analysis: {tmp_path}: no study 'nosuch'; it holds no study yet\n"


@pytest.mark.slow
def test_as_a_user_runs_it(tmp_path: Path) -> None:
    # As an older export, or that of another task, would be: without what some figures are made of.
    old = table().filter(regex=r"^(?!metric\.val_digit|parameters|flops|seconds|task|baseline)")
    cells, curve = csv(old, tmp_path / "quick.csv"), csv(epochs(table()), tmp_path / "curve.csv")
    for arguments in (["analysis", str(cells)], ["analysis.curves", str(curve)]):
        done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert all(Path(line).exists() for line in done.stdout.split())
    assert len(list(tmp_path.glob("*.png"))) == 4


def in_store(monkeypatch: pytest.MonkeyPatch, cells: pd.DataFrame) -> list[tuple[Path, str, Path]]:
    """Put these cells in every store, and MLflow aside; what was logged."""
    logged: list[tuple[Path, str, Path]] = []
    monkeypatch.setattr(experiment, "log_figure", lambda *given: logged.append(given))
    space = SimpleNamespace(factors=(), design=SimpleNamespace(kind="sweep"))
    monkeypatch.setattr(Source, "space", space)
    monkeypatch.setattr(Source, "_read", SimpleNamespace(table=cells, epochs=epochs(cells)))
    return logged
