"""`study run`: again, and where it must not."""

from pathlib import Path

from tests.conftest import ROOT, SMOKE, study


def test_a_second_run_runs_nothing_and_says_so(smoke: tuple[Path, str]) -> None:
    out = study("run", SMOKE, "--store", str(smoke[0]))
    assert out.startswith("nothing to run: all 8 cells of study 'smoke' are there")


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in study("run", SMOKE, "--store", str(tmp_path / "file" / "store"), status=2)


def test_a_study_with_another_definition_is_refused_with_the_difference(
    smoke: tuple[Path, str], tmp_path: Path
) -> None:
    other = tmp_path / "smoke.toml"
    other.write_text((ROOT / SMOKE).read_text().replace("epochs = 2", "epochs = 3"))
    out = study("run", str(other), "--store", str(smoke[0]), status=2)
    assert "fidelity.epochs: 2 -> 3" in out
    assert "give the file another `name`" in out
