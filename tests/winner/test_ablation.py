"""The best point of a study becomes the baseline of an ablation, which has the cells that confirmed it."""

import os
from pathlib import Path

import pytest

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.space.design import Design
from study.space.toml_file import read
from study.winner.ablation import first_seed, name_of, point_of, write_ablation, write_new
from study.winner.choice import choose
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING
from tests.trial_functions import space
from tests.winner.searched_study import SEARCH, noisy, run_file, searched


@pytest.fixture(autouse=True)
def _lazy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)


def test_the_confirmation_of_the_best_point_is_not_run_again(tmp_path: Path) -> None:
    ledger = searched(tmp_path / "store")
    point, path = point_of(ledger, None), tmp_path / "mine.toml"
    written = write_ablation(ledger, point, tmp_path / "store", path)
    assert read(path) == written.apart.space == Ledger.read(tmp_path / "store", "mine").space
    assert written.cells.cells == 5
    here = {cell.config.key: cell for cell in Ledger.read(tmp_path / "store", "mine").cells()}
    best = [cell for cell in ledger.cells() if cell.point == choose(ledger).cell.point and cell.phase == "confirm"]
    assert [here[cell.config.key].state for cell in best] == ["complete"] * 5
    ran = run_file(tmp_path / "store", path)
    cells = Ledger.read(tmp_path / "store", "mine").cells()
    assert ran == len(cells) - 5
    assert min(cell.config.seed for cell in cells) == 1


def test_the_same_command_again_changes_nothing(tmp_path: Path) -> None:
    ledger = searched(tmp_path / "store")
    point, path = point_of(ledger, None), tmp_path / "mine.toml"
    text = write_ablation(ledger, point, tmp_path / "store", path).apart.text
    assert write_ablation(ledger, point, tmp_path / "store", path).cells.cells == 0
    assert path.read_text() == text


def test_an_unfinished_study_has_no_best_point_to_take_apart(tmp_path: Path) -> None:
    run(tmp_path, SEARCH, noisy(), most=15)
    with pytest.raises(StudyError, match=r"no final best point: .* cells are missing; `study run` its file first"):
        point_of(Ledger.read(tmp_path, "searched"), None)
    some = next(cell.point for cell in Ledger.read(tmp_path, "searched").cells() if cell.point != "baseline")
    assert point_of(Ledger.read(tmp_path, "searched"), some)


@pytest.mark.parametrize(
    ("asked", "words"),
    [("depth=55", "has no point 'depth=55'"), ("baseline", "nothing can be put back")],
)
def test_points_that_cannot_be_taken_apart_are_refused(tmp_path: Path, asked: str, words: str) -> None:
    run(tmp_path, space(DEPTH))
    with pytest.raises(StudyError, match=words):
        point_of(Ledger.read(tmp_path, "played"), asked)


def test_a_baseline_that_is_best_is_said(tmp_path: Path) -> None:
    run(tmp_path, space(DEPTH), noisy(lambda levels: float(levels["depth"] == 3)))
    with pytest.raises(StudyError, match="the baseline is best, so nothing can be put back; name another point"):
        point_of(Ledger.read(tmp_path, "played"), None)


def test_a_grid_has_chosen_by_all_of_its_seeds_so_fresh_ones_follow(tmp_path: Path) -> None:
    grid = space(DEPTH, POOLING, design=Design("grid"), seeds=(0, 4, 2))
    run(tmp_path / "store", grid, noisy())
    ledger = Ledger.read(tmp_path / "store", "played")
    assert (first_seed(grid), first_seed(SEARCH)) == (5, 1)
    written = write_ablation(ledger, point_of(ledger, None), tmp_path / "store", tmp_path / "mine.toml")
    assert (written.cells.cells, written.apart.space.seeds[0]) == (0, 5)


def test_a_file_with_another_content_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    write_new(path, "a = 1\n")
    write_new(path, "a = 1\n")
    with pytest.raises(StudyError, match="exists already with another content, and nothing was written"):
        write_new(path, "a = 2\n")
    assert path.read_text() == "a = 1\n"
    with pytest.raises(StudyError, match="cannot be written"):
        write_new(path / "below.toml", "a = 1\n")


@pytest.mark.parametrize("name", ["mine.txt", "-a.toml", "ä.toml", "x" * 65 + ".toml", "mine"])
def test_a_file_must_be_able_to_name_a_study(name: str) -> None:
    with pytest.raises(StudyError, match="give the name of a search-space file"):
        name_of(Path(name))
    assert name_of(Path("in/mine.toml")) == "mine"
