"""What a file may say at its top, and every message about a key there."""

import json
import re
from pathlib import Path

import pytest

from study.space.design import Design
from study.space.factor import Factor, Range
from study.space.objective import Objective
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.task import Fidelity, defaults
from tests import toy_task
from tests.space.toml_texts import ONE_SEED, PLAIN, SWEEP, TWO, edited, levels, problems, written


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


def test_a_task_in_a_file_is_named_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "from tests.toy_task import task\n", "own.py")
    path = written(tmp_path, edited(PLAIN, "tests.toy_task:task -> ./own.py:task"))
    monkeypatch.chdir(tmp_path)
    assert read(Path(path.name)).reference == f"{tmp_path.resolve()}/own.py:task"


def test_a_mark_that_windows_puts_before_a_text_is_no_harm(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"\xef\xbb\xbf" + PLAIN.encode())).name == "mine"


RULES: list[tuple[tuple[str, ...], list[str]]] = [
    # Keys
    ((" -> sedes = 3",), ["sedes: no such key; did you mean 'seeds'?"]),
    (
        (" -> zzz = 3",),
        [
            "zzz: no such key; known are baseline, constraints, description, design, equal_variances, factors, "
            "fidelity, keep, looks, margin, match, max_retries, name, nuisance, objective, paired, seeds, surgery, "
            "task, trial_timeout, vary"
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
    ((" -> margin = 0",), ["margin: must be a number above 0, the size of a difference in either direction, not 0"]),
    (
        (" -> margin = -0.01",),
        ["margin: must be a number above 0, the size of a difference in either direction, not -0.01"],
    ),
    (
        (" -> margin = nan",),
        ["margin: must be a number above 0, the size of a difference in either direction, not nan"],
    ),
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
    (
        ("[baseline]\nwidth = 8 -> baseline = 8",),
        ["objective.baseline: no such key; known are direction, epoch, metric"],
    ),
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
]


@pytest.mark.parametrize(("changes", "expected"), RULES, ids=lambda value: value[0])
def test_every_rule_has_a_message(changes: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path, edited(PLAIN, *changes))) == expected


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
        "name: is missing, and the file's own name cannot replace it: it must be at most 64 letters"
    )
    assert problem.endswith("not 'my study'")
    assert read(written(tmp_path, edited(PLAIN, ' -> name = "mine"'), "my study.toml")).name == "mine"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (None, "cannot be imported: FileNotFoundError: "),
        ("def (\n", "cannot be imported: SyntaxError: "),
        ("raise SystemExit(3)\n", "cannot be imported: SystemExit: 3"),
        ("raise ValueError('one\\ntwo')\n", "cannot be imported: ValueError: one two"),
        ("other = 1\n", "names 'task', which ./own.py does not define"),
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
    assert re.search(r" \(own\.py, line [34]\)$", problem)
