"""The curve of a cell is what was recorded, or it is refused with its file."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from study.ledger.curves import CurveError, Curves

CURVE = ({"loss": 1.5, "acc": 0.25}, {"loss": float("inf"), "acc": 0.5})


def test_a_curve_comes_back_and_its_last_epoch_alone(tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    known = curves.write("a" * 64, CURVE)
    for sum_ in (known, ""):
        assert curves.read("a" * 64, known=sum_) == list(CURVE)
        assert curves.last("a" * 64, known=sum_) == [CURVE[-1]]
    assert curves.read("b" * 64, known="") == curves.last("b" * 64, known="") == []


@pytest.mark.parametrize("last", [False, True])
def test_a_curve_that_is_another_or_none_is_refused(last: bool, tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    known, other = curves.write("a" * 64, CURVE), curves.write("b" * 64, CURVE[:1])
    read, path = (curves.last if last else curves.read), curves.path("a" * 64)
    with pytest.raises(CurveError, match=rf"^{path}: is not the curve that was recorded; put it back from a copy"):
        read("a" * 64, known=other)
    path.write_text(path.read_text().replace("0.5", "0.6"))
    with pytest.raises(CurveError, match="is not the curve"):
        read("a" * 64, known=known)
    path.write_text("no curve")
    with pytest.raises(CurveError, match=rf"^{path}: is damaged \(.+\); put it back from a copy of the store, or have"):
        read("a" * 64, known="")
    path.unlink()
    with pytest.raises(CurveError, match=rf"^{path}: is missing; .* study verify-store --repair$"):
        read("a" * 64, known=known)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_is_no_file_is_no_curve(make: Callable[[Path], object], tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    curves.path("a" * 64).parent.mkdir()
    make(curves.path("a" * 64))
    for known in ("", "0" * 64):
        with pytest.raises(CurveError, match=r"curve\.jsonl: is no file; put it back from a copy"):
            curves.read("a" * 64, known=known)


def test_a_file_in_place_of_a_cells_folder_is_a_missing_curve(tmp_path: Path) -> None:
    curves = Curves(tmp_path)
    curves.path("a" * 64).parent.touch()
    assert curves.read("a" * 64, known="") == []
    with pytest.raises(CurveError, match="is missing"):
        curves.read("a" * 64, known="0" * 64)
