"""What a study can find, in standard deviations before it runs, and in points once there are cells."""

import re
from dataclasses import replace
from pathlib import Path

from study.running.detectable_effect import cells_to_expect, detectable_effect, smallest_effect
from study.space.toml_file import read
from tests.conftest import ROOT, SMOKE
from tests.ledger.launches import run
from tests.ledger.test_look_cells import LOOKING, noisy


def test_a_plan_promises_in_points_once_there_are_cells(smoke: tuple[Path, str], tmp_path: Path) -> None:
    space = read(ROOT / SMOKE)
    before, after = detectable_effect(space, tmp_path), detectable_effect(space, smoke[0])
    assert re.fullmatch(r"3 variants on 2 seeds: .* from [\d.]+ standard deviations of a point's seeds on", before)
    assert re.search(
        r"from [\d.]+ in val_acc \([\d.]+ standard deviations of a point's seeds, [\d.]+ so far\) on", after
    )
    assert "can never find an effect" in detectable_effect(replace(space, seeds=(0,)), tmp_path)
    paired = detectable_effect(replace(space, comparison="paired"), smoke[0])
    assert "standard deviations of the pairs' differences" in paired


def test_two_seeds_find_less_than_ten() -> None:
    space = read(ROOT / SMOKE)
    few, many = (smallest_effect(replace(space, seeds=tuple(range(count)))) for count in (2, 10))
    assert few > many > 0


def test_looks_say_how_many_cells_to_expect(tmp_path: Path) -> None:
    assert cells_to_expect(replace(LOOKING, looks=()), tmp_path) == ([], "")
    expected, line = cells_to_expect(replace(LOOKING, margin=0.02), tmp_path)
    assert 32 <= expected[2].trials <= expected[1].trials <= 60
    assert line.startswith(f"cells to expect: {expected[0].trials:.0f} if no change has an effect, ")
    assert line.endswith("; the margin is taken as 1 sd")
    assert detectable_effect(LOOKING, tmp_path).startswith("4 variants on up to 12 seeds: ")
    run(tmp_path, LOOKING, noisy, most=20)
    assert not cells_to_expect(replace(LOOKING, margin=0.02), tmp_path)[1].endswith("1 sd")
