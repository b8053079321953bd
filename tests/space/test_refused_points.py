"""Points that the task refuses are named by their change, and alike ones once."""

from pathlib import Path

from study.space.toml_file import read
from tests.space.toml_texts import PLAIN, SWEEP, edited, problems, written


def test_a_combination_that_cannot_be_is_named_by_its_change(tmp_path: Path) -> None:
    text = edited(PLAIN, '"ablation" -> "grid"', "[1, 3, 5] -> [3, 8]", '"mean"] -> "flat"]')
    expected = ["factors: depth=8 pooling=flat: a flat map is too small at depth 8; take at most 6"]
    assert problems(written(tmp_path, text)) == expected


def test_a_baseline_that_cannot_be_says_so(tmp_path: Path) -> None:
    text = edited(PLAIN, 'width = 8 -> depth = 8\npooling = "flat"', "[1, 3, 5] -> [8, 9]", '"mean"] -> "flat"]')
    assert problems(written(tmp_path, text)) == [
        "baseline: baseline: a flat map is too small at depth 8; take at most 6",
        "factors: depth=9: a flat map is too small at depth 9; take at most 6",
    ]


def test_a_combination_that_repeats_over_a_grid_is_told_once(tmp_path: Path) -> None:
    widths = f"width = {list(range(1, 101))}"
    text = edited(
        PLAIN, '"ablation" -> "grid"', f"depth = [1, 3, 5] -> depth = [3, 7, 8]\n{widths}", '"mean" -> "flat"'
    )
    assert problems(written(tmp_path, text)) == [
        "factors: depth=7 pooling=flat and 99 of the other points: a flat map is too small at depth 7; take at most 6",
        "factors: depth=8 pooling=flat and 99 of the other points: a flat map is too small at depth 8; take at most 6",
    ]


def test_of_many_combinations_the_first_ten_are_told(tmp_path: Path) -> None:
    code = (
        "from tests.toy_task import Toy\nclass Own(Toy):\n    def problems(self, settings):\n"
        "        return [f'not at {settings[\"width\"]}'] if settings['width'] > 100 else []\ntask = Own()\n"
    )
    written(tmp_path, code, "own.py")
    widths = f"width = {[8, *range(101, 126)]}"
    text = edited(
        PLAIN, "tests.toy_task:task -> ./own.py:task", f"depth = [1, 3, 5] -> {widths}", '"ablation" -> "grid"'
    )
    found = problems(written(tmp_path, text))
    assert len(found) == 11
    assert found[0] == "factors: width=101 and 1 of the other points: not at 101"
    assert found[-1] == "factors: and 30 more impossible points"


def test_in_a_sweep_the_sampler_may_leave_out_what_cannot_be(tmp_path: Path) -> None:
    assert read(written(tmp_path, edited(SWEEP, "[1, 3, 5] -> [3, 8]", '"mean"] -> "flat"]'))).factors
