"""`study check`."""

import json
from pathlib import Path

import pytest

from study.cli.commands import main
from study.space.matched_points import MatchedPoints
from study.space.nearest_size import Fit
from tests.conftest import SMOKE, study
from tests.space.toml_texts import PLAIN, edited, written


def test_check_says_what_would_run() -> None:
    out = study("check", SMOKE)
    assert "smoke.toml is valid" in out
    assert "8 cells: 4 points, each on seeds 0, 1" in out
    assert "\n  conv_depth=1\n" in out
    assert json.loads(study("check", SMOKE, "--json"))["points"][:2] == ["baseline", "conv_depth=1"]


def test_check_says_what_looks_would_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, edited(PLAIN, "seeds = 2 -> looks = [5, 8, 12, 20]"))
    assert main(["check", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "4 points, looks at 5, 8, 12 and 20 seeds, the baseline at 12, 20, 20 and 20" in lines
    assert "27 cells at the first look, 80 at most: who is decided gets no more" in lines
    assert main(["check", str(file), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["cells"], made["looks"], made["seeds"]) == (80, [5, 8, 12, 20], list(range(20)))


def test_check_says_what_was_chosen_for_equal_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"baseline": 100, "depth=1": 98, "depth=5": 101, "pooling=mean": 100}
    fits = {point: Fit(20 + turn, size) for turn, (point, size) in enumerate(sizes.items())}
    monkeypatch.setattr(MatchedPoints, "fits", lambda self: fits)
    file = written(tmp_path, f'{PLAIN}[match]\nwith = "width"\n')
    assert main(["check", str(file)]) == 0
    out = capsys.readouterr().out
    assert "equal size: parameters by width within 0.02\n  baseline  (100 parameters)\n" in out
    assert "\n  depth=1 width=21  (98 parameters, −2.0 %)\n" in out
    assert main(["check", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["match"]["sizes"] == sizes
