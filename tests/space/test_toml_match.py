"""`[match]` in a file: its keys, its mistakes, and points that cannot be as large as the baseline."""

from pathlib import Path

import pytest

from study.errors import TaskError
from study.space.matched_points import MatchedPoints
from study.space.nearest_size import Fit
from study.space.toml_file import read
from tests.space.toml_texts import PLAIN, SWEEP, edited, problems, written

NARROW = edited(PLAIN, "width = 8 -> width = 20")
MATCH = '[match]\nwith = "width"\n'


@pytest.fixture(autouse=True)
def _sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes of 100 at the baseline, and of 98, 103 and so on at the other points."""

    def fits(self: MatchedPoints) -> dict[str, Fit]:
        sizes = {"baseline": 100, "depth=1": 98, "depth=5": 103, "pooling=mean": 100}
        return {point: Fit(30 + turn, size) for turn, (point, size) in enumerate(sizes.items())}

    monkeypatch.setattr(MatchedPoints, "fits", fits)


def test_a_file_says_what_is_chosen_and_what_is_equal(tmp_path: Path) -> None:
    match = read(written(tmp_path, f'{NARROW}{MATCH}by = "flops"\nwithin = 0.04\n')).match
    assert match is not None
    assert (match.setting, match.by, match.within) == ("width", "flops", 0.04)
    assert match.levels == {"depth=1": 31, "depth=5": 32, "pooling=mean": 33}
    assert match.sizes["depth=5"] == 103


def test_parameters_within_two_percent_are_the_default(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, NARROW + MATCH))
    assert problem == (
        "match: depth=5 cannot be as large as the baseline, which has 100 parameters: the nearest is 103 "
        "at width = 32, +3.0 %, not within 2 %; allow more with `within`, or leave this level out"
    )


WHOLE = "match.with: must be a setting of whole numbers, not"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('with = "widht"', "match.with: no such setting in task 'toy'; did you mean 'width'?"),
        ('with = "norm"', f"{WHOLE} 'norm', which is true"),
        ('with = "rate"', f"{WHOLE} 'rate', which is 0.1"),
        ('with = "mask"', f"{WHOLE} 'mask', which is library"),
        ('with = "depth"', "match.with: 'depth' is a factor, so it cannot be chosen for each point; take it out"),
        ('by = "flops"', "match.with: is missing; it must be the name of a setting of the task"),
        ('with = "width"\nby = "flop"', "match.by: must be one of 'parameters', 'flops', not 'flop'; did you mean"),
        ('with = "width"\nwithin = 2', "match.within: must be a share above 0, at most 1, such as 0.02 for 2 %, not 2"),
        ('with = "width"\nat = 3', "match.at: no such key; known are by, with, within"),
    ],
)
def test_each_mistake_is_one_line(table: str, expected: str, tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, f"{NARROW}[match]\n{table}\n"))
    assert problem.startswith(expected)


def test_a_sweep_and_what_is_no_table_are_refused(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, SWEEP + MATCH))
    assert problem.startswith("match: is not for sweeps, whose points are not known beforehand; bound their size by")
    (problem,) = problems(written(tmp_path, "match = 3\n" + NARROW))
    assert problem.startswith("match: must be a table with `with`, `by` and `within`")


def test_a_model_that_cannot_be_built_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fits(self: MatchedPoints) -> dict[str, Fit]:
        raise TaskError("depth=1 cannot be built: ValueError: no luck")

    monkeypatch.setattr(MatchedPoints, "fits", fits)
    assert problems(written(tmp_path, NARROW + MATCH)) == ["match: depth=1 cannot be built: ValueError: no luck"]
