"""The objectives, the design and the seeds of a file, and every message about them."""

from pathlib import Path

import pytest

from study.space.design import Confirm, Design
from study.space.factor import Range
from study.space.toml_file import read
from tests.space.toml_texts import ONE_SEED, PLAIN, SWEEP, TWO, edited, levels, problems, written


def test_a_sweep_is_read_with_its_confirmation(tmp_path: Path) -> None:
    more = 'trials = 9\nseed = 5\nsampler = "random"\npruner = "median"\nconfirm = { top = 2, seeds = 4 }'
    ranges = "rate = { low = 0.01, high = 1, log = true }\nwidth = { low = 4, high = 16.0, step = 4 }"
    space = read(written(tmp_path, edited(SWEEP, f"trials = 4 -> {more}", f"depth = [1, 3, 5] -> {ranges}")))
    assert space.design == Design("sweep", 5, 9, "random", "median", Confirm(2, 4))
    assert levels(space)["rate"] == Range(0.01, 1.0, log=True)
    assert levels(space)["width"] == Range(4, 16, step=4)
    assert space.seeds == (0,)
    assert read(written(tmp_path, SWEEP)).design == Design("sweep", 0, 4, "tpe", "successive_halving")


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


RULES: list[tuple[tuple[str, ...], list[str]]] = [
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
        ["design.sampler: 'cmaes' needs a range and one objective, and chooses all other levels at random; take 'tpe'"],
    ),
    (
        ('trials = 4 -> trials = 4\nsampler = "nsga2"',),
        ["design.sampler: 'nsga2' needs two objectives: give two [[objective]] tables, or take 'tpe'"],
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
        ["design.pruner: 'median' can judge by one objective only, not by two; take 'none'"],
    ),
    (
        (TWO, 'metric = "flops" -> metric = "val_acc"'),
        ["objective: the first must be a metric of the model, and the second must differ, not 'val_acc'"],
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


@pytest.mark.parametrize(("changes", "expected"), RULES, ids=lambda value: value[0])
def test_every_rule_has_a_message(changes: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path, edited(PLAIN, *changes))) == expected


@pytest.mark.parametrize(("changes", "expected"), SWEEP_RULES, ids=lambda value: value[0])
def test_every_rule_of_a_sweep_has_a_message(changes: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path, edited(SWEEP, *changes))) == expected
