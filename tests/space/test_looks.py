"""The seeds at each look, and the files that declare looks."""

from pathlib import Path

import pytest

from study.errors import SearchSpaceError
from study.inference.verdict_rule import ENOUGH_SEEDS
from study.space.looks import FEWEST, Look, look_seeds, looks_text, seeds_text
from study.space.points import count_cells, count_first_cells, listed_cells
from study.space.revision import changes, revision
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from tests.space.toml_texts import PLAIN, SWEEP, edited, problems, written
from tests.toy_task import DEPTH, space

LOOKS = (5, 8, 12, 20)
SEEDS = "seeds = 2 -> "


def test_the_baseline_is_two_looks_ahead() -> None:
    assert [look.baseline for look in look_seeds(LOOKS, paired=False)] == [12, 20, 20, 20]
    assert [look.variants for look in look_seeds(LOOKS, paired=False)] == list(LOOKS)
    assert look_seeds((5, 10), paired=False) == (Look(5, 10), Look(10, 10))


def test_pairs_need_both_seeds_so_nothing_is_ahead() -> None:
    assert look_seeds(LOOKS, paired=True) == tuple(Look(seeds, seeds) for seeds in LOOKS)


def test_the_first_look_has_the_seeds_of_a_sure_verdict() -> None:
    assert FEWEST == ENOUGH_SEEDS


def test_seeds_are_told_in_words() -> None:
    assert seeds_text([5]) == "5"
    assert looks_text(look_seeds((5, 9), paired=False)) == "looks at 5 and 9 seeds, the baseline at 9 and 9"
    assert looks_text(look_seeds(LOOKS, paired=True)) == "looks at 5, 8, 12 and 20 seeds"


def test_a_file_with_looks_has_every_seed_that_may_run(tmp_path: Path) -> None:
    looking = read(written(tmp_path, edited(PLAIN, f"{SEEDS}looks = [5, 8, 12, 20]")))
    assert (looking.looks, looking.seeds, looking.replicates) == (LOOKS, tuple(range(20)), 20)
    assert count_cells(looking) == len(list(listed_cells(looking))) == 4 * 20
    assert count_first_cells(looking) == 12 + 3 * 5
    assert count_first_cells(space(DEPTH)) == count_cells(space(DEPTH))


def test_a_store_keeps_looks_and_a_study_without_any_is_stored_as_before(tmp_path: Path) -> None:
    looking = read(written(tmp_path, edited(PLAIN, f"{SEEDS}looks = [5, 8]")))
    assert SearchSpace.from_json(looking.to_json()) == looking
    assert "looks" not in space(DEPTH).to_json()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            f"{SEEDS}looks = [3, 5]",
            ["looks: the first must be at 5 seeds or more, not 3: fewer decide by chance if some seeds fail"],
        ),
        (
            f"{SEEDS}looks = [5, 12, 8]",
            ["looks: must be numbers of seeds, each larger than the one before, not [5, 12, 8]"],
        ),
        (
            f"{SEEDS}looks = [5, 5]",
            ["looks: must be numbers of seeds, each larger than the one before, not [5, 5]"],
        ),
        (f"{SEEDS}looks = [8]", ["looks: must be two or more; for a single look give seeds = 8"]),
        (
            f"{SEEDS}looks = 8",
            [
                "looks: must be a list of numbers of seeds, each larger than the one before, such as [5, 8, 12, 20], "
                "not 8"
            ],
        ),
        (
            " -> looks = [5, 8]",
            [
                "looks: takes the place of `seeds`; keep one of the two, "
                "or list the seeds, if they do not begin with 0"
            ],
        ),
        (
            f"{SEEDS}looks = [5, 6]\nseeds = [3, 4, 5, 6, 7, 9]",
            ["looks: the last look needs 6 seeds, each one more than the one before, not [3, 4, 5, 6, 7, 9]"],
        ),
        (f"{SEEDS}look = [5, 8]", ["look: no such key; did you mean 'looks'?"]),
    ],
    ids=str,
)  # fmt: skip
def test_looks_that_cannot_be_are_refused(tmp_path: Path, change: str, expected: list[str]) -> None:
    assert problems(written(tmp_path, edited(PLAIN, change))) == expected


def test_a_sweep_has_no_looks(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(SWEEP, " -> looks = [5, 8]")))
    assert problem == "looks: a sweep runs each suggested point once; give design.confirm.seeds instead"


def test_a_grid_whose_results_choose_nuisance_levels_has_no_looks(tmp_path: Path) -> None:
    grid = edited(PLAIN, f'{SEEDS}looks = [5, 8]\nnuisance = ["pooling"]', 'kind = "ablation" -> kind = "grid"')
    (problem,) = problems(written(tmp_path, grid))
    assert problem.startswith("looks: cannot go with `nuisance` in a grid")


def test_the_seeds_of_looks_are_checked() -> None:
    with pytest.raises(SearchSpaceError, match="the last look needs 8 seeds, each one more than"):
        space(DEPTH, looks=(5, 8))


def test_the_seeds_of_looks_may_begin_anywhere(tmp_path: Path) -> None:
    given = edited(PLAIN, f"{SEEDS}looks = [5, 6]\nseeds = [3, 4, 5, 6, 7, 8]")
    assert read(written(tmp_path, given)).seeds == (3, 4, 5, 6, 7, 8)


def test_looks_change_no_result_and_are_told_as_a_revision() -> None:
    before, now = space(DEPTH), space(DEPTH, looks=(5, 8), seeds=tuple(range(8)))
    assert list(changes(before, now)) == []
    assert revision(before, now, results=9) == "after 9 results: seeds 0 1 2 3 4 → looks at 5 and 8"
