"""The fidelity, the baseline and the factors of a file, and every message about them."""

from pathlib import Path

import pytest

from study.space.points import listed_cells
from study.space.revision import changes
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.task import Fidelity
from tests.space.toml_texts import PLAIN, edited, levels, problems, written


def test_numbers_take_the_settings_own_type(tmp_path: Path) -> None:
    text = edited(PLAIN, "width = 8 -> width = 8.0\nrate = 1", "depth = [1, 3, 5] -> depth = [3.0, 1]\nrate = [1, 2]")
    space = read(written(tmp_path, text))
    assert [type(space.baseline[name]) for name in ("width", "rate")] == [int, float]
    assert levels(space)["depth"] == (3, 1)
    assert [type(level) for factor in space.factors[:2] for level in (*factor.levels,)] == [int, int, float, float]  # type: ignore[misc]


def test_the_number_of_examples_may_be_a_factor(tmp_path: Path) -> None:
    factor = "depth = [1, 3, 5] -> train_examples = [10, 100, 1_000]"
    whole = read(written(tmp_path, edited(PLAIN, factor)))
    assert whole.fidelity.train_examples == 1_000
    for place in ("epochs = 2 -> epochs = 2\ntrain_examples = 100", "width = 8 -> train_examples = 100"):
        space = read(written(tmp_path, edited(PLAIN, factor, place)))
        assert [cell.fidelity.train_examples for cell in listed_cells(space)][:3] == [100, 10, 1_000]
        assert "train_examples" not in space.baseline


MANY = "30, " * 14 + "31"
RULES: list[tuple[tuple[str, ...], list[str]]] = [
    # The baseline
    (("width = 8 -> widht = 8",), ["baseline.widht: no such setting in task 'toy'; did you mean 'width'?"]),
    (
        ("width = 8 -> zzz = 8",),
        [
            "baseline.zzz: no such setting in task 'toy'; known are depth, mask, norm, pooling, rate, train_examples, "
            "width"
        ],
    ),
    (("width = 8 -> width = '8'",), ["baseline.width: must be a whole number, not '8'"]),
    (("width = 8 -> width = 0",), ["baseline.width: must be at least 1, not 0"]),
    (("width = 8 -> width.a = 8",), ["baseline.width: must be a whole number, not a table"]),
    (("width = 8 -> rate = inf",), ["baseline.rate: must be a number, not inf"]),
    (("width = 8 -> norm = 1",), ["baseline.norm: must be one of false, true, not 1"]),
    (
        ('width = 8 -> pooling = "maxx"',),
        ["baseline.pooling: must be one of max, mean, flat, not 'maxx'; did you mean 'max'?"],
    ),
    (
        ("width = 8 -> epochs = 8",),
        ["baseline.epochs: no such setting in task 'toy'; it is the same in every trial: give it in [fidelity]"],
    ),
    (
        ("width = 8 -> train_examples = 8", "epochs = 2 -> train_examples = 9"),
        ["baseline.train_examples: is given in [fidelity] too; give it once"],
    ),
    (
        ("width = 8 -> train_examples = 0",),
        ["baseline.train_examples: must be a whole number from 1 to 1,000, not 0"],
    ),
    # Factors
    (
        ('depth = [1, 3, 5]\npooling = ["max", "mean"] -> ',),
        ["factors: is empty; a study varies at least one factor"],
    ),
    (("depth = -> dept =",), ["factors.dept: no such factor in task 'toy'; did you mean 'depth'?"]),
    (
        ("depth = [1, 3, 5] -> seed = [0, 1]",),
        [
            "factors.seed: no such factor in task 'toy'; a seed replicates a point and is no factor: give `seeds` at "
            "the top"
        ],
    ),
    (
        ("depth = [1, 3, 5] -> epochs = [1, 2]",),
        ["factors.epochs: no such factor in task 'toy'; it is the same in every trial: give it in [fidelity]"],
    ),
    (("[1, 3, 5] -> 3",), ["factors.depth: must be a list of levels or a range, not 3"]),
    (("[1, 3, 5] -> []",), ["factors.depth: needs at least two levels, the baseline's among them, not []"]),
    (("[1, 3, 5] -> [3]",), ["factors.depth: needs at least two levels, the baseline's among them, not [3]"]),
    (("[1, 3, 5] -> [3, 1, 3.0]",), ["factors.depth: repeats the level 3"]),
    (
        ("[1, 3, 5] -> [1, 5]",),
        ["factors.depth: must contain the baseline's level, 3: add it here, or change the baseline"],
    ),
    (
        ("depth = [1, 3, 5] -> width = [4, 16]",),
        ["factors.width: must contain the baseline's level, 8: add it here, or change the baseline"],
    ),
    (
        ("depth = [1, 3, 5] -> train_examples = [10, 100]",),
        ["factors.train_examples: must contain the baseline's level, 1000: add it here, or change the baseline"],
    ),
    (
        ("depth = [1, 3, 5] -> train_examples = [0, 1000, 1e9]",),
        ["factors.train_examples: must be between 1 and 1000, not 0, 1000000000.0"],
    ),
    (
        ("[1, 3, 5] -> [1, '3', 5.5, 12, true]",),
        [
            "factors.depth: must be a whole number, not '3', 5.5, true",
            "factors.depth: must be between 1 and 9, not 12",
        ],
    ),
    (
        (f"[1, 3, 5] -> [{MANY}]",),
        ["factors.depth: must be between 1 and 9, not 30, 30, 30, 30, 30, 30, 30, 30, 30, 30 and 5 more"],
    ),
    (
        ('"mean"] -> "meen"]',),
        ["factors.pooling: must be one of max, mean, flat, not 'meen'; did you mean 'mean'?"],
    ),
    (("[1, 3, 5] -> [[1], [3]]",), ["factors.depth: must be a whole number, not [1], [3]"]),
    # Ranges
    (
        ("[1, 3, 5] -> { low = 1, high = 5 }",),
        ["factors.depth: a range is for sweeps only; kind = 'ablation' takes a list of levels"],
    ),
    (
        ('"ablation" -> "grid"', "[1, 3, 5] -> { low = 1, high = 5 }"),
        ["factors.depth: a range is for sweeps only; kind = 'grid' takes a list of levels"],
    ),
    (
        ("[1, 3, 5] -> { lo = 1, high = 50, log = 1, step = 0 }",),
        [
            "factors.depth.low: is missing; a range goes from low to high",
            "factors.depth.high: must be between 1 and 9, not 50",
            "factors.depth.log: must be true or false, not 1",
            "factors.depth.step: must be a number above 0, not 0",
            "factors.depth.lo: no such key; did you mean 'low'?",
        ],
    ),
    (
        ('["max", "mean"] -> { low = 0, high = 1 }',),
        ["factors.pooling: must be a list of levels, not a range; it may be max, mean, flat"],
    ),
    (
        ("depth = [1, 3, 5] -> norm = { low = 0, high = 1 }",),
        ["factors.norm: must be a list of levels, not a range; it may be false, true"],
    ),
    (("[1, 3, 5] -> { low = 5, high = 1 }",), ["factors.depth: low must be below high, not 5 and 1"]),
    # Conditions
    (
        ("[1, 3, 5] -> { levels = [1, 3], when = { pooling = 'maxx', norms = 1 } }",),
        [
            "factors.depth.when.pooling: must be one of max, mean, flat, not 'maxx'; did you mean 'max'?",
            "factors.depth.when.norms: no such factor; did you mean 'norm'?",
        ],
    ),
    (
        ("[1, 3, 5] -> { levels = [1, 3], when = { pooling = ['flat', 'max'], norm = true } }",),
        [
            "factors.depth.when.pooling: the factor has no level flat",
            "factors.depth.when.norm: must be another factor, one without `when`: pooling",
        ],
    ),
    (
        ("[1, 3, 5] -> { levels = [1, 3], when = { pooling = 'mean' } }",),
        [
            "factors.depth.when.pooling: does not hold at the baseline, so an ablation never varies this; take a grid "
            "or a sweep",
        ],
    ),
    (
        ("[1, 3, 5] -> { levels = 3, whem = 1 }",),
        [
            "factors.depth.levels: must be a list of levels, not 3",
            "factors.depth.whem: no such key; did you mean 'when'?",
        ],
    ),
    (
        ("[1, 3, 5] -> { levels = [1, 3], when = { pooling = [] } }",),
        ["factors.depth.when.pooling: must name a level, or several"],
    ),
    # A level that counts as false in Python is as wrong as any other.
    *(
        (
            (f"[1, 3, 5] -> {{ levels = [1, 3], when = {{ pooling = {value} }} }}",),
            [f"factors.depth.when.pooling: must be one of max, mean, flat, not {level}"],
        )
        for value, level in (("false", "false"), ("0", "0"), ("''", "''"), ("['max', 0.0]", "0.0"))
    ),
    (
        ("[1, 3, 5] -> { levels = [1, 3], when = { norm = 0 } }",),
        ["factors.depth.when.norm: must be one of false, true, not 0"],
    ),
]


@pytest.mark.parametrize(("changes", "expected"), RULES, ids=lambda value: value[0])
def test_every_rule_has_a_message(changes: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path, edited(PLAIN, *changes))) == expected


WHOLE = """\
task = "./own.py"
[objective]
metric = "val_acc"
direction = "maximize"
[factors]
units = [3, 4]
[design]
kind = "grid"
"""


def test_a_task_that_counts_no_examples_uses_all_of_them_unless_the_file_names_a_number(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("epochs = 7\ndef data(): ...\ndef build(units=3): ...\n")
    whole = read(written(tmp_path, WHOLE))
    assert whole.fidelity == Fidelity(7, None, None)
    assert "train_examples" not in whole.config({}, seed=0).levels()
    assert SearchSpace.from_json(whole.to_json()) == whole
    fidelity = "[fidelity]\nepochs = 2\ntrain_examples = 50_000\n"
    few = read(written(tmp_path, WHOLE + fidelity))
    assert few.fidelity == Fidelity(2, 50_000, None)
    assert list(changes(whole, few)) == ["fidelity.epochs: 7 -> 2", "fidelity.train_examples: all -> 50000"]
    assert whole.config({}, seed=0).key != few.config({}, seed=0).key
    sizes = WHOLE.replace("[factors]", "[factors]\ntrain_examples = [10, 100]")
    assert problems(written(tmp_path, sizes)) == [
        "factors.train_examples: needs a number of examples at the baseline: give train_examples in [fidelity], one of "
        "these levels"
    ]
    both = read(written(tmp_path, f"{sizes}\n[fidelity]\ntrain_examples = 100\n"))
    assert {cell.fidelity.train_examples for cell in listed_cells(both)} == {10, 100}


def test_a_file_of_functions_is_named_by_its_path_in_its_trials(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def data(): ...\ndef build(units=3, activation='relu'): ...\n")
    space = read(written(tmp_path, WHOLE.replace("[factors]", "[factors]\nactivation = ['relu', 'gelu']")))
    assert space.reference == str(tmp_path / "own.py")
    assert len(list(listed_cells(space))) == 4 * 5
    for bad, message in {
        "['relu', 2]": "must be a text, not 2",
        "{ low = 1, high = 2 }": "must be a text, not 1",
    }.items():
        text = WHOLE.replace("[factors]", f"[factors]\nactivation = {bad}")
        assert any(message in line for line in problems(written(tmp_path, text)))
