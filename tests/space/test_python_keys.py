"""A search space given in Python is the one that a file with the same keys declares."""

import importlib.util
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.cli import first_files
from study.errors import SearchSpaceError
from study.space.points import listed_cells
from study.space.python_keys import read_keys
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from tests import toy_task
from tests.conftest import ROOT
from tests.space.toml_texts import PLAIN, levels, written

FILES = sorted([*(ROOT / "search_spaces").glob("*.toml"), ROOT / "tests" / "handwritten.toml"])


def plain(**changes: Any) -> dict[str, Any]:
    return {**tomllib.loads(PLAIN), **changes}


def space(keys: Mapping[str, Any], folder: Path = ROOT) -> SearchSpace:
    return read_keys(keys, folder=folder)


def problems(keys: Mapping[str, Any]) -> list[str]:
    with pytest.raises(SearchSpaceError) as caught:
        space(keys)
    return str(caught.value).split("\n")


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_keys_of_a_file_declare_the_same_study_in_python(path: Path) -> None:
    given = space({"name": path.stem, **tomllib.loads(path.read_text())}, path.parent)
    assert given == read(path)
    if given.design.kind != "sweep":
        assert [c.key for c in listed_cells(given)] == [c.key for c in listed_cells(read(path))]


def test_pythons_own_values_and_those_of_numpy_count_as_those_of_a_file(tmp_path: Path) -> None:
    given = plain(
        name="mine",
        seeds=range(2),
        baseline={"width": np.int64(8), "rate": np.float32(0.05)},
        factors={"depth": np.arange(1, 6, 2), "pooling": ("max", np.str_("mean")), "norm": [np.bool_(True), False]},
        fidelity={np.str_("epochs"): np.array(2)},
        margin=None,
    )
    text = PLAIN.replace("width = 8", "width = 8\nrate = 0.05").replace("seeds = 2", "seeds = [0, 1]")
    path = written(tmp_path, text.replace("[factors]", "[factors]\nnorm = [true, false]"))
    mine, files = space(given), read(path)
    assert {c.key for c in listed_cells(mine)} == {c.key for c in listed_cells(files)}
    assert levels(mine) == {"depth": (1, 3, 5), "pooling": ("max", "mean"), "norm": (True, False)}
    assert [type(level) for level in levels(mine)["depth"]] == [int, int, int]  # type: ignore[union-attr]


def test_a_task_may_be_a_path_a_module_s_object_or_a_text(tmp_path: Path) -> None:
    (tmp_path / "toys.py").write_text("from tests.toy_task import task\n")
    by_text = space(plain(task="./toys.py:task"), tmp_path)
    assert by_text.reference == f"{tmp_path / 'toys.py'}:task"
    assert space(plain(task=toy_task.task)).reference == "tests.toy_task:task"
    keys = [{c.key for c in listed_cells(s)} for s in (by_text, space(plain(task=toy_task.task)), space(plain()))]
    assert keys[0] == keys[1] == keys[2]


def test_an_imported_module_of_functions_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "spirals.py").write_text(first_files.TASK)
    spec = importlib.util.spec_from_file_location("spirals", tmp_path / "spirals.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(tmp_path / "spirals.py")  # As an import of it sets it; nothing of the file runs here.
    keys = plain(
        baseline={}, factors={"units": [16, 32]}, objective={"metric": "val_accuracy", "direction": "maximize"}
    )
    by_module, by_file = space({**keys, "task": module}), space({**keys, "task": "./spirals.py"}, tmp_path)
    assert by_module == by_file
    assert by_module.name == "spirals"


def test_a_study_without_a_name_is_called_like_its_task(tmp_path: Path) -> None:
    (tmp_path / "toys.py").write_text("from tests.toy_task import task\n")
    assert space(plain(task="./toys.py:task"), tmp_path).name == "toys"
    assert space(plain()).name == "toy_task"
    assert space({**plain(task="qr_digits"), "factors": {"width": [8, 16]}}).name == "qr_digits"
    assert space(plain(name="mine")).name == "mine"


def test_each_problem_names_its_key_and_no_file() -> None:
    wrong = plain(factors={"depht": [1, 3]}, seeds=0, worker=2, fidelity={"epochs": 2.5})
    assert problems(wrong) == [
        "seeds: must be a whole number from 1 to 10,000, or a list of different ones from 0 to 2,147,483,647, not 0",
        "worker: no such key; known are baseline, constraints, description, design, equal_variances, factors, "
        "fidelity, keep, looks, margin, match, max_retries, name, nuisance, objective, paired, seeds, surgery, task, "
        "trial_timeout, vary",
        "fidelity.epochs: must be a whole number from 1 to 1,000,000, not 2.5",
        "factors.depht: no such factor in task 'toy'; did you mean 'depth'?",
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"factors": {3: [1, 2]}}, "factors: each name must be a text, not 3"),
        ({"factors": {"depth": {1, 3}}}, "factors.depth: must be a list of levels or a range, not {1, 3}"),
        ({"factors": {"depth": [1, None]}}, "factors.depth: must be a whole number, not None"),
        ({"factors": {"depth": 10**30}}, "factors.depth: must fit in 64 bits, as every whole number in TOML"),
        ({"description": 3}, "description: must be a text, not 3"),
        ({"task": None}, "task: is missing; it must be a text such as"),
        ({"task": {"build": None}}, "task: must be a text such as"),
        ({"task": "./absent.py:task"}, "task: task './absent.py:task' cannot be imported: FileNotFoundError"),
        ({"name": "a b"}, "name: must be at most 64 letters"),
        ({"objective": "val_acc"}, "objective: must be a table with metric and direction"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(changes: dict[str, Any], problem: str) -> None:
    assert any(line.startswith(problem) for line in problems(plain(**changes))), problems(plain(**changes))


def test_keys_without_end_are_refused() -> None:
    endless: dict[str, Any] = {}
    endless["factors"] = endless
    assert problems(plain(factors=endless)) == ["the keys are nested far too deeply"]
