"""The scripts as commands: where the picture lies, what is printed, and one clear line where it cannot be."""

from pathlib import Path
from types import ModuleType

import matplotlib.image
import pytest

from analysis import ablation, depth, factors, figures
from analysis.drawing.figure_script import FigureScript
from tests.analysis.synthetic_tables import csv, table

ROOT = Path(__file__).parents[3]


def test_the_picture_of_an_export_lies_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert depth.SCRIPT.main([str(path)]) == 0
    picture = tmp_path / "quick-depth.png"
    assert capsys.readouterr().out == f"{picture}\n"
    assert matplotlib.image.imread(picture).shape[1] == 1280


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


@pytest.mark.parametrize("script", figures.SCRIPTS, ids=lambda script: script.name)
def test_bad_input_gets_a_line_and_2(script: FigureScript, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"{script.name}: ")
        assert printed.err.count("\n") == 1


@pytest.mark.parametrize(
    ("out", "problem"),
    [("picture.xyz", "--out must end in .png, .svg or .pdf"), ("quick.csv/picture.png", "cannot be written")],
)
def test_a_place_that_cannot_be_written_is_said(
    out: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert depth.SCRIPT.main([str(path), "--out", str(tmp_path / out)]) == 2
    assert problem in capsys.readouterr().err


@pytest.mark.parametrize("module", figures.MODULES)
def test_each_script_explains_itself(module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        module.SCRIPT.main(["--help"])
    # argparse breaks lines where it likes.
    help_text = " ".join(capsys.readouterr().out.split())
    assert f"python -m {module.__name__}" in help_text
    assert " ".join(str(module.__doc__).split()) in help_text
