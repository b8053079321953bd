"""The scripts as commands: where the picture lies, what is printed, and one clear line where it cannot be."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import matplotlib.image
import pandas as pd
import pytest

from analysis import __main__ as everything
from analysis import ablation, depth, factors
from analysis.script import Script
from study import results
from study.errors import StoreError
from tests.analysis.synthetic_tables import QUICK, csv, epochs, grid, sweep, table

ROOT = Path(__file__).parents[2]


def test_the_picture_of_an_export_lies_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert depth.SCRIPT.main([str(path)]) == 0
    picture = tmp_path / "quick-depth.png"
    assert capsys.readouterr().out == f"{picture}\n"
    assert matplotlib.image.imread(picture).shape[1] == 1410


def test_options_and_out_have_their_say(tmp_path: Path) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert factors.SCRIPT.main([str(path), "--factor", "width"]) == 0
    assert (tmp_path / "quick-factors-width.png").exists()
    assert ablation.SCRIPT.main([str(path), "--out", str(tmp_path / "new" / "a.png")]) == 0
    assert (tmp_path / "new" / "a.png").exists()


def test_a_parquet_file_serves_as_well(tmp_path: Path) -> None:
    table().to_parquet(tmp_path / "quick.parquet")
    assert ablation.SCRIPT.main([str(tmp_path / "quick.parquet")]) == 0
    assert (tmp_path / "quick-ablation.png").exists()


def test_a_study_in_a_store_keeps_its_figures_and_logs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logged = in_store(monkeypatch, table())
    assert everything.main(["synthetic", "--store", str(tmp_path)]) == 0
    folder = tmp_path / "studies" / "synthetic" / "figures"
    names = ["depth.png", "factors.png", "curves.png", "ablation.png", "positions.png", "cost.png", "claims.md"]
    printed = capsys.readouterr()
    assert printed.out.split() == [str(folder / name) for name in names]
    assert printed.err.startswith("not for this study: damage, heatmap, confusion, trace, importance;")
    assert logged == [(tmp_path, "synthetic", folder / name) for name in names]


def test_where_depth_alone_was_varied_it_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_store(monkeypatch, table(QUICK[:3], base={"conv_depth": 4}))
    assert everything.main(["synthetic", "--store", str(tmp_path)]) == 0
    names = [Path(line).stem for line in capsys.readouterr().out.split()]
    assert names == ["depth", "curves", "ablation", "positions", "cost", "claims"]


@pytest.mark.parametrize("cells", [grid(), sweep()], ids=["grid", "sweep"])
def test_every_kind_of_study_has_figures(cells: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged = in_store(monkeypatch, cells)
    assert everything.main(["synthetic", "--store", str(tmp_path)]) == 0
    drawn = {path.stem for *_, path in logged}
    assert drawn > {"factors", "curves", "ablation", "positions", "cost", "importance", "claims"}


@pytest.mark.parametrize("script", everything.SCRIPTS, ids=lambda script: script.name)
def test_bad_input_gets_a_line_and_2(script: Script, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = table()
    damaged = {
        "lacking": cells.drop(columns=["point", "state"]),
        "incomplete": cells.assign(state="failed"),
        "two": cells.assign(study=["a", "b"] * 9),
        "empty": cells.head(0),
        "objective": cells.assign(objective="f1"),
        "text": cells.assign(seed="one", epoch="one"),
        "holes": cells.assign(point=None, epoch=1),
        "levels": cells.drop(columns="level.conv_depth"),
    }
    paths = [csv(frame, tmp_path / f"{name}.csv") for name, frame in damaged.items()]
    (tmp_path / "binary.csv").write_bytes(b"\x00\xff\x01" * 40)
    (tmp_path / "nothing.csv").write_bytes(b"")
    for path in [*paths, tmp_path / "binary.csv", tmp_path / "nothing.csv", tmp_path / "absent.csv"]:
        assert script.main([str(path)]) == 2, path
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith(f"{script.name}: ")
        assert said.err.count("\n") == 1


def test_an_unknown_study_is_said_once_for_all_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unknown(source: str, *, store: Path) -> pd.DataFrame:
        raise StoreError(f"{store}: no study {source!r}")

    monkeypatch.setattr(results, "read_table", unknown)
    monkeypatch.setattr(results, "read_epochs", unknown)
    assert everything.main(["nosuch", "--store", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"analysis: {tmp_path}: no study 'nosuch'\n"


@pytest.mark.parametrize("out", ["picture.xyz", "quick.csv/picture.png"])
def test_a_place_that_cannot_be_written_is_said(out: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert depth.SCRIPT.main([str(path), "--out", str(tmp_path / out)]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("module", everything.MODULES)
def test_each_script_explains_itself(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        module.SCRIPT.main(["--help"])
    # argparse breaks lines where it likes.
    said = " ".join(capsys.readouterr().out.split())
    assert f"python -m {module.__name__}" in said
    assert " ".join(str(module.__doc__).split()) in said


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
    experiment = ModuleType("study.tracking.experiment")
    experiment.log_figure = lambda *given: logged.append(given)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "study.tracking.experiment", experiment)
    monkeypatch.setattr(results, "read_table", lambda source, *, store: cells)
    monkeypatch.setattr(results, "read_epochs", lambda source, *, store: epochs(cells))
    return logged
