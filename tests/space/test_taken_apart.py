"""A point is taken apart: each of its changes is put back by itself, or left out with the reason."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from study.errors import StudyError
from study.space.design import Design
from study.space.factor import Factor, Range
from study.space.points import listed_points
from study.space.search_space import SearchSpace
from study.space.surgery import Operation, Surgery
from study.space.taken_apart import LOOKS, TakenApart, changes_alone, take_apart
from study.space.toml_file import read, read_document
from tests.space.toml_texts import PLAIN, written
from tests.toy_task import DEPTH, POOLING, space

SEARCH: dict[str, Any] = {"design": Design("sweep", trials=9), "seeds": (0,)}
RATE = Factor("rate", Range(0.001, 1.0, log=True))


def apart(of: SearchSpace, start: Any, goal: Any, folder: Path, **more: Any) -> TakenApart:
    given = {"name": "played_ablate", "description": "why", "first_seed": 1, **more}
    return take_apart(of, start, goal, folder=folder, **given)


def test_each_change_is_put_back_by_itself(tmp_path: Path) -> None:
    start = {"depth": 5, "pooling": "flat", "rate": 0.0123456789}
    done = apart(space(DEPTH, POOLING, RATE, **SEARCH), start, {}, tmp_path)
    assert (done.space.name, done.space.looks, done.space.seeds) == ("played_ablate", LOOKS, tuple(range(1, 21)))
    assert list(listed_points(done.space)) == [{}, {"depth": 3}, {"pooling": "max"}, {"rate": 0.1}]
    assert done.left_out == {}
    assert read_document(tomllib.loads(done.text), path=tmp_path / "x.toml") == done.space


def test_its_cells_have_the_keys_of_the_study(tmp_path: Path) -> None:
    of = space(DEPTH, POOLING, RATE, **SEARCH)
    start = {"depth": 5, "rate": 1 / 3}
    ablation = apart(of, start, {}, tmp_path).space
    for point, same in (({}, start), ({"depth": 3}, {"rate": 1 / 3}), ({"rate": 0.1}, {"depth": 5})):
        assert ablation.config(point, seed=4).key == of.config(same, seed=4).key


def test_a_path_begins_at_the_baseline(tmp_path: Path) -> None:
    of = space(DEPTH, POOLING, RATE, **SEARCH)
    first = apart(of, {}, {"depth": 5, "pooling": "flat"}, tmp_path).space
    assert list(listed_points(first)) == [{}, {"depth": 5}, {"pooling": "flat"}]
    second = apart(of, {"pooling": "flat"}, {"depth": 5, "pooling": "flat"}, tmp_path).space
    assert list(listed_points(second)) == [{}, {"depth": 5}]
    assert second.config({"depth": 5}, seed=1).key == of.config({"depth": 5, "pooling": "flat"}, seed=1).key


def test_a_number_of_training_examples_is_put_back(tmp_path: Path) -> None:
    of = space(DEPTH, Factor("train_examples", (1_000, 500)), **SEARCH)
    ablation = apart(of, {"depth": 5, "train_examples": 500}, {}, tmp_path).space
    assert ablation.fidelity.train_examples == 500
    back = ablation.config({"train_examples": 1_000}, seed=2)
    assert back.key == of.config({"depth": 5}, seed=2).key


CONDITIONAL = Factor("depth", (3, 5, 7), when={"pooling": ("mean", "flat")})


def test_what_exists_only_with_another_change_is_left_out() -> None:
    of = space(CONDITIONAL, Factor("pooling", ("max", "mean", "flat"), ("max", "mean", "flat")), **SEARCH)
    changes = changes_alone(of, {"depth": 5, "pooling": "mean"}, {})
    assert changes.alone == {"depth": (5, 3)}
    assert changes.left_out == {"pooling=max": "depth=5 exists only at pooling=mean or pooling=flat"}
    forth = changes_alone(of, {}, {"depth": 5, "pooling": "mean"})
    assert forth.alone == {"pooling": ("max", "mean")}
    assert forth.left_out == {"depth=5": "depth=5 exists only at pooling=mean or pooling=flat"}


def test_a_point_that_the_task_refuses_is_left_out_with_its_reason() -> None:
    of = space(Factor("depth", (3, 5, 7)), POOLING, **SEARCH)
    changes = changes_alone(of, {"depth": 5}, {"depth": 7, "pooling": "flat"})
    assert changes.alone == {"depth": (5, 7), "pooling": ("max", "flat")}
    changes = changes_alone(of, {"depth": 7}, {"pooling": "flat"})
    assert changes.left_out == {"pooling=flat": "refused: a flat map is too small at depth 7; take at most 6"}


def test_levels_that_are_written_alike_are_left_out() -> None:
    changes = changes_alone(space(DEPTH, RATE, **SEARCH), {"rate": 0.10000000001, "depth": 5}, {})
    assert changes.left_out == {"rate=0.1": "both levels are written rate=0.1"}


def test_nothing_to_put_back_is_an_error(tmp_path: Path) -> None:
    of = space(DEPTH, RATE, **SEARCH)
    with pytest.raises(StudyError, match=r"rate=0\.1: no change to it can be made by itself; rate=0\.1: both levels"):
        apart(of, {"rate": 0.10000000001}, {}, tmp_path)


def test_nuisance_factors_and_rules_of_comparison_stay(tmp_path: Path) -> None:
    of = space(DEPTH, POOLING, RATE, **SEARCH, nuisance=("rate", "depth"), margin=0.02, comparison="paired")
    ablation = apart(of, {"depth": 5, "pooling": "flat"}, {}, tmp_path).space
    assert (ablation.nuisance, ablation.margin, ablation.comparison) == (("depth",), 0.02, "paired")


def test_layers_that_were_removed_are_put_back(tmp_path: Path) -> None:
    text = PLAIN.replace('"ablation"', '"grid"') + '[surgery]\nremove = ["a", "b"]\nfreeze = ["a"]\n'
    of = read(written(tmp_path, text))
    ablation = apart(of, {"remove": "b", "depth": 5}, {}, tmp_path).space
    assert ablation.surgery == Surgery({"remove": {"b": Operation("remove", ("b",))}})
    assert list(listed_points(ablation)) == [{}, {"depth": 3}, {"remove": "nothing"}]
    assert ablation.config({}, seed=3).key == of.config({"remove": "b", "depth": 5}, seed=3).key
    assert ablation.config({"remove": "nothing"}, seed=3).key == of.config({"depth": 5}, seed=3).key
