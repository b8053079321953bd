"""`study plot`: one figure or all, its options anywhere, and one line for what cannot be drawn."""

from pathlib import Path

import pytest

from study.cli.commands import main
from tests.analysis.synthetic_tables import csv, table


@pytest.fixture
def cells(tmp_path: Path) -> str:
    return str(csv(table(), tmp_path / "quick.csv"))


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (["depth"], [], "quick-depth.png"),
        (["depth", "--metric", "val_loss"], [], "quick-depth-val_loss.png"),
        (["--style", "dark", "depth"], ["--no-caption"], "quick-depth-dark.png"),
        (["factors", "--factor", "width"], [], "quick-factors-width.png"),
        (["claims"], [], "quick-claims.md"),
    ],
)
def test_one_figure_is_drawn(
    before: list[str], after: list[str], name: str, cells: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", *before, cells, *after]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(Path(cells).with_name(name))
    assert Path(cells).with_name(name).stat().st_size > 1000


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_out_decides_the_kind_of_file(suffix: str, cells: str, tmp_path: Path) -> None:
    out = tmp_path / f"figure{suffix}"
    assert main(["plot", "depth", cells, "--out", str(out)]) == 0
    assert out.read_bytes()[:4] in (b"<?xm", b"%PDF")


@pytest.mark.slow
def test_without_a_kind_all_that_suit_are_drawn(cells: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", cells, "--no-caption"]) == 0
    drawn = [Path(line).stem.partition("-")[2] for line in capsys.readouterr().out.splitlines()]
    assert drawn == ["depth", "factors", "ablation", "positions", "cost", "claims"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dept", "NAME"], "no figure 'dept'; did you mean 'depth'?"),
        (["xyz", "NAME"], "no figure 'xyz'; known are ablation, claims"),
        (["depth", "NAME", "--factor", "width"], "--factor: depth has no such option"),
        (["depth", "NAME", "other"], "several studies: depth has no such option"),
        (["NAME", "--factor", "width"], "--factor: say which figure: study plot KIND NAME"),
        (["NAME", "--out", "a.png"], "--out: say which figure"),
        (["depth", "NAME", "--metric", "f1"], "no metric 'f1'; known are val_acc"),
        (["depth", "NAME", "--out", "a.jpg"], "--out must end in .png, .svg or .pdf"),
        (["depth"], "no study 'depth'"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    words: list[str], message: str, cells: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = [cells if word == "NAME" else word for word in words]
    assert main(["--store", str(tmp_path), "plot", *given]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
