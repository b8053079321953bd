"""A search-space file is read whole, or every problem in it is named: file, key, rule, value and a way out."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from study.errors import SearchSpaceError
from study.space import points as designs
from study.space import toml_file as reader
from study.space.design import Confirm, Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.task import Fidelity, defaults
from tests import toy_task
from tests.conftest import ROOT

PLAIN = """\
task = "tests.toy_task:task"
seeds = 2

[objective]
metric = "val_acc"
direction = "maximize"

[baseline]
width = 8

[factors]
depth = [1, 3, 5]
pooling = ["max", "mean"]

[design]
kind = "ablation"

[fidelity]
epochs = 2
"""
SWEEP = PLAIN.replace("seeds = 2\n", "").replace('kind = "ablation"', 'kind = "sweep"\ntrials = 4')
TWO = (
    '[objective]\nmetric = "val_acc"\ndirection = "maximize" -> [[objective]]\nmetric = "val_acc"\n'
    'direction = "maximize"\n[[objective]]\nmetric = "flops"\ndirection = "minimize"'
)


def edited(text: str, *changes: str) -> str:
    """A text with lines replaced, each change `old -> new`, or added where there is no old."""
    for change in changes:
        old, _, new = change.rpartition(" -> ")
        assert old in text, old
        text = text.replace(old, new, 1) if old else f"{new}\n{text}"
    return text


def written(folder: Path, text: str | bytes, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def problems(path: Path) -> list[str]:
    """What is wrong with a file, without its name, by which every line begins."""
    with pytest.raises(SearchSpaceError) as caught:
        read(path)
    found = str(caught.value).split("\n")
    assert all(line.startswith(f"{path}: ") for line in found), found
    return [line.removeprefix(f"{path}: ") for line in found]


def levels(space: SearchSpace) -> dict[str, tuple[Any, ...] | Range]:
    return {factor.name: factor.levels for factor in space.factors}


# What a file may say


def test_a_plain_file_says_little_and_the_rest_is_the_tasks(tmp_path: Path) -> None:
    space = read(written(tmp_path, PLAIN))
    assert space.name == "mine"
    assert (space.task, space.task_version, space.reference) == ("toy", 1, "tests.toy_task:task")
    assert space.baseline == {**defaults(toy_task.task), "width": 8}
    assert space.factors == (Factor("depth", (1, 3, 5)), Factor("pooling", ("max", "mean"), ("max", "mean", "flat")))
    assert space.fidelity == Fidelity(2, 1_000, 100)
    assert space.seeds == (0, 1)
    assert space.design == Design("ablation")
    assert (space.vary, space.nuisance, space.margin, space.max_retries) == (("weights", "order"), (), None, 2)


def test_every_key_is_read(tmp_path: Path) -> None:
    more = (
        'name = "full-1"\ndescription = "all of it"\nvary = ["data", "weights"]\nnuisance = ["pooling"]\n'
        "paired = true\nmargin = 0.01\ntrial_timeout = 60\nmax_retries = 0\n"
        'keep = "all"\n'
    )
    text = edited(PLAIN, f" -> {more}", "seeds = 2 -> seeds = [7, 3]", "epochs = 2 -> train_examples = 10\nepochs = 3")
    space = read(written(tmp_path, text))
    assert (space.name, space.description) == ("full-1", "all of it")
    assert space.vary == ("weights", "data")
    assert space.nuisance == ("pooling",)
    assert (space.comparison, space.margin) == ("paired", 0.01)
    assert (space.trial_timeout, space.max_retries, space.keep) == (60, 0, "all")
    assert space.seeds == (7, 3)
    assert space.fidelity == Fidelity(3, 10, 100)


def test_a_sweep_is_read_with_its_confirmation(tmp_path: Path) -> None:
    more = 'trials = 9\nseed = 5\nsampler = "random"\npruner = "median"\nconfirm = { top = 2, seeds = 4 }'
    ranges = "rate = { low = 0.01, high = 1, log = true }\nwidth = { low = 4, high = 16.0, step = 4 }"
    space = read(written(tmp_path, edited(SWEEP, f"trials = 4 -> {more}", f"depth = [1, 3, 5] -> {ranges}")))
    assert space.design == Design("sweep", 5, 9, "random", "median", Confirm(2, 4))
    assert levels(space)["rate"] == Range(0.01, 1.0, log=True)
    assert levels(space)["width"] == Range(4, 16, step=4)
    assert space.seeds == (0,)
    assert read(written(tmp_path, SWEEP)).design == Design("sweep", 0, 4, "tpe", "successive_halving")


def test_two_objectives_constraints_and_conditions_are_read(tmp_path: Path) -> None:
    more = ' -> constraints = ["parameters <= 100_000", "flops<1.5e9"]'
    when = "[1, 3, 5] -> { levels = [1, 3], when = { pooling = 'max' } }"
    ranged = 'pooling = -> rate = { low = 0.01, high = 1, when = { pooling = ["max"] } }\npooling ='
    space = read(written(tmp_path, edited(SWEEP, more, TWO, ranged, when)))
    assert space.objectives == (Objective("val_acc", "maximize"), Objective("flops", "minimize"))
    assert space.design.pruner == "none"
    assert [str(constraint) for constraint in space.constraints] == ["parameters <= 100_000", "flops < 1_500_000_000"]
    assert [factor.when for factor in space.factors] == [{"pooling": ("max",)}, {"pooling": ("max",)}, {}]
    assert levels(space)["rate"] == Range(0.01, 1.0)
    assert SearchSpace.from_json(json.loads(json.dumps(space.to_json()))) == space


@pytest.mark.parametrize(("sampler", "package"), [("gp", "torch"), ("cmaes", "cmaes")])
def test_a_sampler_whose_package_is_missing_says_so(
    sampler: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    ranged = "depth = [1, 3, 5] -> rate = { low = 0.01, high = 1 }"
    text = edited(SWEEP, f'trials = 4 -> trials = 4\nsampler = "{sampler}"', ranged)
    assert problems(written(tmp_path, text)) == [
        f"design.sampler: {sampler!r} needs the package {package}, which is not installed"
    ]


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
        assert [cell.fidelity.train_examples for cell in designs.cells(space)][:3] == [100, 10, 1_000]
        assert "train_examples" not in space.baseline


def test_a_task_in_a_file_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "from tests.toy_task import task\n", "own.py")
    path = written(tmp_path, edited(PLAIN, "tests.toy_task:task -> ./own.py:task"))
    monkeypatch.chdir(tmp_path)
    assert read(Path(path.name)).reference == f"{tmp_path.resolve()}/own.py:task"


def test_a_mark_that_windows_puts_before_a_text_is_no_harm(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"\xef\xbb\xbf" + PLAIN.encode())).name == "mine"


# What it may not

MANY = "30, " * 14 + "31"

ONE_SEED = "asks for a test, and one seed allows none; give {} of at least 2, better 5"
RULES: list[tuple[tuple[str, ...], list[str]]] = [
    # Keys
    ((" -> sedes = 3",), ["sedes: no such key; did you mean 'seeds'?"]),
    (
        (" -> zzz = 3",),
        [
            "zzz: no such key; known are baseline, constraints, description, design, equal_variances, factors, "
            "fidelity, keep, margin, max_retries, name, nuisance, objective, paired, seeds, task, trial_timeout, vary"
        ],
    ),
    (("[objective] -> [objective]\nmetrics = 1",), ["objective.metrics: no such key; did you mean 'metric'?"]),
    (('kind = "ablation" -> kind = "grid"\nsead = 1',), ["design.sead: no such key; did you mean 'seed'?"]),
    (("epochs = 2 -> epoch = 2",), ["fidelity.epoch: no such key; did you mean 'epochs'?"]),
    (
        ('task = "tests.toy_task:task" -> ',),
        ["task: is missing; it must be a text such as 'qr_digits', 'my_package.module:task' or './my_file.py:task'"],
    ),
    (
        ('[objective]\nmetric = "val_acc"\ndirection = "maximize" -> ',),
        [
            "objective: is missing; it must be a table with metric and direction, or two of them, [[objective]]",
        ],
    ),
    (('metric = "val_acc" -> ',), ["objective.metric: is missing; it must be the name of a metric, such as 'val_acc'"]),
    (
        ('direction = "maximize" -> ',),
        ["objective.direction: is missing; it must be one of 'maximize', 'minimize'"],
    ),
    (('[design]\nkind = "ablation" -> ',), ["design: is missing; it must be a table with kind"]),
    (
        ('kind = "ablation" -> ',),
        ["design.kind: is missing; it must be one of 'ablation', 'dose', 'grid', 'sweep'"],
    ),
    # Types
    (
        (" -> name = 3",),
        ["name: must be at most 64 letters, digits, '_' and '-', the first a letter or a digit, not 3"],
    ),
    (
        (' -> name = "../up"',),
        ["name: must be at most 64 letters, digits, '_' and '-', the first a letter or a digit, not '../up'"],
    ),
    (
        ('task = "tests.toy_task:task" -> task = 1979-05-27',),
        ["task: must be a text such as 'qr_digits', 'my_package.module:task' or './my_file.py:task', not 1979-05-27"],
    ),
    ((" -> description = [1]",), ["description: must be a text, not [1]"]),
    ((" -> paired = 1",), ["paired: must be true or false, not 1"]),
    ((' -> equal_variances = "yes"',), ["equal_variances: must be true or false, not 'yes'"]),
    ((" -> margin = 0",), ["margin: must be a number above 0, the size of a difference either way, not 0"]),
    ((" -> margin = -0.01",), ["margin: must be a number above 0, the size of a difference either way, not -0.01"]),
    ((" -> margin = nan",), ["margin: must be a number above 0, the size of a difference either way, not nan"]),
    (
        (" -> paired = true\nequal_variances = true",),
        ["paired: contradicts equal_variances: pairs are compared by their differences; keep one of the two"],
    ),
    *(
        ((f" -> {line}", "seeds = 2 -> seeds = [7]"), [f"{line.split()[0]}: {ONE_SEED.format('seeds')}"])
        for line in ("paired = true", "equal_variances = true", "margin = 0.01")
    ),
    ((" -> trial_timeout = inf",), ["trial_timeout: must be a number above 0, not inf"]),
    ((" -> trial_timeout = true",), ["trial_timeout: must be a number above 0, not true"]),
    ((" -> max_retries = -1",), ["max_retries: must be a whole number from 0 to 100, not -1"]),
    ((" -> keep = 'none'",), ["keep: must be one of 'best', 'all', not 'none'"]),
    ((" -> max_retries = 1.0",), ["max_retries: must be a whole number from 0 to 100, not 1.0"]),
    ((' -> vary = ["weight"]',), ["vary: must be a list of some of 'weights', 'order', 'data', not ['weight']"]),
    ((" -> vary = []",), ["vary: must be a list of some of 'weights', 'order', 'data', not []"]),
    (
        (' -> vary = ["order", "order"]',),
        ["vary: must be a list of some of 'weights', 'order', 'data', not ['order', 'order']"],
    ),
    ((' -> nuisance = "depth"',), ["nuisance: must be a list of different names of factors, not 'depth'"]),
    ((' -> nuisance = ["rate"]',), ["nuisance: 'rate' is not among the factors: depth, pooling"]),
    *(
        (
            (f"seeds = 2 -> seeds = {value}",),
            [
                "seeds: must be a whole number from 1 to 10,000, or a list of different ones from 0 to 2,147,483,647, "
                f"not {value}"
            ],
        )
        for value in ("0", "2.0", "true", "'2'", "[]", "[1, 1]", "[-1]", "[true]", "10001", "[2147483648]")
    ),
    (('"maximize" -> "max"',), ["objective.direction: must be one of 'maximize', 'minimize', not 'max'"]),
    (
        ('"maximize" -> "maximise"',),
        ["objective.direction: must be one of 'maximize', 'minimize', not 'maximise'; did you mean 'maximize'?"],
    ),
    (('"val_acc" -> ""',), ["objective.metric: must be the name of a metric, such as 'val_acc', not ''"]),
    (
        ('"ablation" -> "ablatoin"',),
        [
            "design.kind: must be one of 'ablation', 'dose', 'grid', 'sweep', not 'ablatoin'; did you mean 'ablation'?",
        ],
    ),
    (('"ablation" -> "grid"\nseed = -1',), ["design.seed: must be a whole number from 0 to 2,147,483,647, not -1"]),
    (("[baseline]\nwidth = 8 -> baseline = 8",), ["objective.baseline: no such key; known are direction, metric"]),
    (("[baseline]\nwidth = 8 -> [[baseline]]",), ["baseline: must be a table of settings, not [a table]"]),
    (
        ('[factors]\ndepth = [1, 3, 5]\npooling = ["max", "mean"] -> [[factors]]',),
        ["factors: must be a table of factors and their levels, not [a table]"],
    ),
    (
        ("[fidelity]\nepochs = 2 -> ", " -> fidelity = 'low'"),
        ["fidelity: must be a table with epochs, train_examples and validation_examples, not 'low'"],
    ),
    (("epochs = 2 -> epochs = 0",), ["fidelity.epochs: must be a whole number from 1 to 1,000,000, not 0"]),
    (
        ("epochs = 2 -> train_examples = 1_001",),
        ["fidelity.train_examples: must be a whole number from 1 to 1,000, not 1001"],
    ),
    (
        ("epochs = 2 -> validation_examples = '5'",),
        ["fidelity.validation_examples: must be a whole number from 1 to 100, not '5'"],
    ),
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
        ["baseline.train_examples: stands in [fidelity] too; give it once"],
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
    # Constraints
    *(
        (
            (f" -> constraints = {value}",),
            [
                "constraints: must be a list of bounds on a model's size, such as 'parameters <= 100_000' or "
                f"'flops < 1e9', not {value}",
            ],
        )
        for value in ("['parameters = 3']", "['seconds < 3']", "['flops < 1e999']", "['flops < 1__0']", "'flops < 1'")
    ),
    # Designs
    (
        (TWO,),
        ["objective: two are for sweeps only; kind = 'ablation' takes one [objective]"],
    ),
    (
        ('"ablation" -> "dose"',),
        ["factors: a dose varies exactly one factor, not 2: depth, pooling"],
    ),
    (
        ('"ablation" -> "grid"\ntrials = 4\nconfirm = { top = 1 }',),
        [
            "design.trials: is for sweeps only; the kind here is 'grid'",
            "design.confirm: is for sweeps only; the kind here is 'grid'",
        ],
    ),
]

SWEEP_RULES: list[tuple[tuple[str, ...], list[str]]] = [
    ((" -> seeds = 3",), ["seeds: a sweep runs each suggested point once; give design.confirm.seeds instead"]),
    (("trials = 4 -> ",), ["design.trials: is missing; it must be a whole number from 1 to 100,000"]),
    (("trials = 4 -> trials = 0",), ["design.trials: must be a whole number from 1 to 100,000, not 0"]),
    (
        ('trials = 4 -> trials = 4\nsampler = "tpee"\npruner = "mediam"',),
        [
            "design.sampler: must be one of 'tpe', 'random', 'qmc', 'cmaes', 'gp', 'nsga2', not 'tpee'; did you mean "
            "'tpe'?",
            "design.pruner: must be one of 'none', 'median', 'hyperband', 'successive_halving', 'patient', 'wilcoxon', "
            "not 'mediam'; did you mean 'median'?",
        ],
    ),
    (
        ('trials = 4 -> trials = 4\nsampler = "cmaes"',),
        ["design.sampler: 'cmaes' follows one objective over ranges, and draws all else at random; take 'tpe'"],
    ),
    (
        ('trials = 4 -> trials = 4\nsampler = "nsga2"',),
        ["design.sampler: 'nsga2' weighs two objectives: give two [[objective]] tables, or take 'tpe'"],
    ),
    (
        ('trials = 4 -> trials = 4\npruner = "wilcoxon"\nconfirm = { seeds = 4 }',),
        [
            "design.pruner: 'wilcoxon' needs design.confirm.seeds of at least 5, not 4: its test concludes nothing "
            "from fewer than 4",
        ],
    ),
    (
        (TWO, 'trials = 4 -> trials = 4\npruner = "median"'),
        ["design.pruner: 'median' judges by one objective, not by two; take 'none'"],
    ),
    (
        (TWO, 'metric = "flops" -> metric = "val_acc"'),
        ["objective: the first must be a metric of the model and the second another, not 'val_acc'"],
    ),
    (
        ('direction = "maximize" -> direction = "maximize"\n[[objective]]', "[objective] -> [[objective]]"),
        [
            "objective.metric: is missing; it must be the name of a metric, such as 'val_acc'",
            "objective.direction: is missing; it must be one of 'maximize', 'minimize'",
        ],
    ),
    (
        (" -> margin = 0.1", "trials = 4 -> trials = 4\nconfirm = { seeds = 1 }"),
        [f"margin: {ONE_SEED.format('design.confirm.seeds')}"],
    ),
    (("trials = 4 -> trials = 4\nconfirm = 3",), ["design.confirm: must be a table with top and seeds, not 3"]),
    (
        ("trials = 4 -> trials = 4\nconfirm = { tops = 3, top = 0, seeds = '1' }",),
        [
            "design.confirm.top: must be a whole number from 1 to 1,000, not 0",
            "design.confirm.seeds: must be a whole number from 1 to 1,000, not '1'",
            "design.confirm.tops: no such key; did you mean 'top'?",
        ],
    ),
    (
        ("[1, 3, 5] -> { low = 5, high = 9 }",),
        ["factors.depth: must contain the baseline's level, 3: add it here, or change the baseline"],
    ),
    (
        ("[1, 3, 5] -> { low = 1, high = 9, step = 5 }",),
        ["factors.depth: high - low must be a number of whole steps: 5 does not divide 8"],
    ),
    (
        ("trials = 4 -> trials = 100_000", "depth = [1, 3, 5] -> rate = { low = 1e-3, high = 1 }"),
        ["design: asks for 100,020 cells; the most is 100,000: take fewer trials or seeds"],
    ),
]


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [*((PLAIN, *rule) for rule in RULES), *((SWEEP, *rule) for rule in SWEEP_RULES)],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_every_rule_has_a_message(text: str, changes: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path, edited(text, *changes))) == expected


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    text = """
        sede = 1
        seeds = 0
        task = "tests.toy_task:task"
        [objective]
        direction = "up"
        [baseline]
        widht = 1
        rate = "fast"
        [factors]
        dept = [1]
        norm = [1]
        pooling = ["mean", "flat"]
        rate = [1.0, 2.0]
        width = { low = 1, high = 8 }
        [design]
        kind = "dos"
        [fidelity]
        epochs = -1
    """
    keys = [problem.partition(":")[0] for problem in problems(written(tmp_path, text))]
    assert keys == [
        "objective.metric",
        "objective.direction",
        "design.kind",
        "seeds",
        "sede",
        "fidelity.epochs",
        "baseline.widht",
        "baseline.rate",
        "factors.dept",
        "factors.norm",
        "factors.pooling",
        "factors.width",
    ]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        # The level 16 is the default's, not the file's; and the factor of the dose is there, if under a wrong name.
        (("width = 8 -> width = '16'", "depth = [1, 3, 5] -> width = [8, 32]"), "baseline.width"),
        (
            ("epochs = 2 -> train_examples = 0", "depth = [1, 3, 5] -> train_examples = [9, 8]"),
            "fidelity.train_examples",
        ),
        (('"ablation" -> "dose"', 'depth = [1, 3, 5]\npooling = ["max", "mean"] -> dept = [1, 3]'), "factors.dept"),
        ((' -> nuisance = ["depth"]', "depth = -> dept ="), "factors.dept"),
    ],
)
def test_a_problem_that_comes_of_another_is_not_told(changes: tuple[str, ...], key: str, tmp_path: Path) -> None:
    assert [problem.partition(":")[0] for problem in problems(written(tmp_path, edited(PLAIN, *changes)))] == [key]


def test_a_file_of_a_bad_name_needs_another(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, PLAIN, "my study.toml"))
    assert problem.startswith(
        "name: is missing, and the file's own cannot take its place: it must be at most 64 letters"
    )
    assert problem.endswith("not 'my study'")
    assert read(written(tmp_path, edited(PLAIN, ' -> name = "mine"'), "my study.toml")).name == "mine"


# Files that are not even that


def test_a_missing_file_is_told_with_those_that_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert problems(Path("no.toml")) == ["no such file; . holds no .toml file"]
    for name in ("pyproject.toml", "one.toml", "search_spaces/qr_depth.toml", "search_spaces/qr_grid.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        written(tmp_path, PLAIN, name)
    assert problems(Path("search_spaces/qr_dept.toml")) == ["no such file; did you mean search_spaces/qr_depth.toml?"]
    assert problems(Path("qr_grid")) == ["no such file; did you mean search_spaces/qr_grid.toml?"]
    there = "one.toml, search_spaces/qr_depth.toml, search_spaces/qr_grid.toml"
    assert problems(Path("zzz")) == [f"no such file; there are {there}"]
    for number in range(20):
        written(tmp_path, PLAIN, f"many{number}.toml")
    assert problems(Path("zzz"))[0].endswith(" and 13 more")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = \n", "is not valid TOML: Invalid value (at line 1, column 5)"),
        ("[a]\n[a]\n", "is not valid TOML: Cannot declare ('a',) twice (at line 2, column 3)"),
        (b"x = '\xe9t\xe9'\n", "is not UTF-8 text: line 1 holds the byte 0xe9; save it as UTF-8"),
        (b"a = 1\nb = 2\n\xff\xfe", "is not UTF-8 text: line 3 holds the byte 0xff; save it as UTF-8"),
        ("a = " + "[" * 9_999, "is not valid TOML: a number or a nesting in it is far too large"),
        ("a = " + "9" * 9_999, "is not valid TOML: a number or a nesting in it is far too large"),
        ("a = 0x" + "f" * 9_999, "a: must fit in 64 bits, as every whole number in TOML"),
        ("[x]\ny = [{ z = 9223372036854775808 }]", "x.y.z: must fit in 64 bits, as every whole number in TOML"),
    ],
    ids=["value", "twice", "latin", "utf16", "nesting", "digits", "hexadecimal", "large"],
)
def test_what_is_not_toml_is_told_in_a_line(text: str | bytes, message: str, tmp_path: Path) -> None:
    assert problems(written(tmp_path, text)) == [message]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["cannot be read: Is a directory"]


def test_a_table_nested_without_end_is_a_table(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, "width = 8 -> width" + ".a" * 2_000 + " = 1")))
    assert problem == "baseline.width: must be a whole number, not a table"


@pytest.mark.parametrize(
    "change", [' -> "a\\nb\\u001b[2J" = 1', 'width = 8 -> "\\u2028\\u0085" = 1', ' -> name = "\\u0000\\u0007"']
)
def test_a_strange_key_stays_on_its_line(change: str, tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, change)))
    assert problem.isprintable()


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, "[1, 3, 5] -> '" + "long " * 1_000 + "'")))
    assert len(problem) < 120


# Tasks that will not do


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (None, "cannot be imported: FileNotFoundError: "),
        ("def (\n", "cannot be imported: SyntaxError: "),
        ("raise SystemExit(3)\n", "cannot be imported: SystemExit: 3"),
        ("raise ValueError('one\\ntwo')\n", "cannot be imported: ValueError: one two"),
        ("other = 1\n", "cannot be imported: AttributeError: "),
        ("task = 1\n", "lacks name, version, settings, fidelity, problems, data, build; a task provides "),
    ],
)
def test_a_task_that_cannot_be_had_is_told_in_a_line(code: str | None, message: str, tmp_path: Path) -> None:
    if code is not None:
        written(tmp_path, code, "own.py")
    (problem,) = problems(written(tmp_path, edited(PLAIN, "tests.toy_task:task -> ./own.py:task")))
    assert problem.startswith("task: task './own.py:task' ")
    assert message in problem


def test_what_does_not_hang_on_the_task_is_told_even_without_it(tmp_path: Path) -> None:
    changes = ("tests.toy_task:task -> qr_digit", "seeds = 2 -> seeds = 0", "ablation -> ablate")
    found = problems(written(tmp_path, edited(PLAIN, *changes)))
    assert [problem.partition(":")[0] for problem in found] == ["task", "design.kind", "seeds"]


@pytest.mark.parametrize("reference", ["\\u0000.py:task", "a\\nb.py:task", "..:task", "a..b:task", "/:task", "é:é"])
def test_no_name_of_a_task_is_too_strange(reference: str, tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path, edited(PLAIN, f"tests.toy_task:task -> {reference}")))
    assert problem.startswith("task: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise KeyError('conv')", "problems() of 'toy' raised KeyError: 'conv'"),
        ("raise RuntimeError('one\\ntwo')", "problems() of 'toy' raised RuntimeError: one two"),
        ("import sys; sys.exit()", "problems() of 'toy' raised SystemExit: "),
        ("return None", "problems() of 'toy' must return a list of texts, not None"),
        ("return 'no'", "problems() of 'toy' must return a list of texts, not 'no'"),
        ("return [1]", "problems() of 'toy' must return a list of texts, not [1]"),
        ("yield 'no'", "problems() of 'toy' must return a list of texts, not <generator object "),
    ],
)
def test_a_task_that_fails_to_say_what_can_be_is_told_once(body: str, message: str, tmp_path: Path) -> None:
    code = "from tests.toy_task import Toy\nclass Own(Toy):\n"
    code += f"    def problems(self, settings):\n        {body}\ntask = Own()\n"
    written(tmp_path, code, "own.py")
    (problem,) = problems(written(tmp_path, edited(PLAIN, "tests.toy_task:task -> ./own.py:task")))
    assert problem.startswith(f"task: {message}".rstrip())


# Combinations that cannot be


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
    assert found[-1] == "factors: and 30 more points that cannot be"


def test_in_a_sweep_the_sampler_may_leave_out_what_cannot_be(tmp_path: Path) -> None:
    assert read(written(tmp_path, edited(SWEEP, "[1, 3, 5] -> [3, 8]", '"mean"] -> "flat"]'))).factors


# Sizes


def large(depth: int, *more: str) -> str:
    numbers = [0.1, *(n / 1_000 for n in range(1, 10))]
    lists = [f"{name} = {numbers}" for name in ("damage", "dropout", "learning_rate", "batch_norm_momentum")]
    wholes = [f"{name} = {list(range(1, 11))}" for name in ("width", "conv_depth", "wide_factor", "kernel_size")]
    factors = [*lists, *wholes, f"batch_size = {list(range(1, 11))}", f"data_seed = {list(range(10))}"][:depth]
    settings = "damage = 0.1\ndropout = 0.1\nlearning_rate = 0.1\nbatch_norm_momentum = 0.1\nbatch_size = 1"
    text = edited(PLAIN, "tests.toy_task:task -> qr_digits", "seeds = 2 -> seeds = 1", "ablation -> grid", *more)
    text = edited(text, f"width = 8 -> {settings}\nwidth = 1", 'pooling = ["max", "mean"] -> ')
    return edited(text, "depth = [1, 3, 5] -> " + "\n".join(factors))


def test_a_grid_of_a_hundred_thousand_cells_is_read_in_time(tmp_path: Path) -> None:
    path = written(tmp_path, large(5))
    begin = time.process_time()
    assert designs.count(read(path)) == 100_000
    assert time.process_time() - begin < 1.8


def test_more_are_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, large(10, "seeds = 1 -> seeds = 100"))
    begin = time.process_time()
    expected = ["design: asks for 1,000,000,000,000 cells; the most is 100,000: take fewer levels or seeds"]
    assert problems(path) == expected
    assert time.process_time() - begin < 0.2


def test_a_list_of_very_many_levels_is_refused_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, edited(PLAIN, "depth = [1, 3, 5] -> width = " + str(list(range(1, 60_000)))))
    begin = time.process_time()
    assert problems(path)[0].startswith("design: asks for 120,000 cells; ")
    assert time.process_time() - begin < 1.8


def test_reading_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from study.space.toml_file import read; read(Path(sys.argv[1])); "
    code += "print(*sorted({'numpy', 'optuna', 'keras', 'pandas', 'rich'} & set(sys.modules)))"
    command = [sys.executable, "-c", code, str(written(tmp_path, PLAIN))]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout == "\n"


def test_only_one_module_reads_search_spaces() -> None:
    importers = [path.name for path in (ROOT / "study").rglob("*.py") if "tomllib" in path.read_text(encoding="utf-8")]
    assert importers == [f"{reader.__name__.rpartition('.')[2]}.py"]
