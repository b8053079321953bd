"""The rules for the values in a search-space file. Each rule is a test, and the words for a message."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from study.space.constraint import RELATIONS, SIZES, Constraint
from study.space.design import Kind, Pruner, Sampler
from study.space.objective import CountedEpoch, Direction
from study.space.search_space import Keep
from study.space.surgery import Mend
from study.space.trial import SOURCES


@dataclass(frozen=True)
class Rule:
    """A test for a value, and in words what the value must be."""

    holds: Callable[[Any], bool]
    words: str
    known: Sequence[str] = ()
    """The words that are allowed, for a message about a mistyped one."""


def _a(kind: type, words: str) -> Rule:
    return Rule(lambda value: isinstance(value, kind), words)


def whole(low: int, high: int) -> Rule:
    """Returns the rule for a whole number within bounds."""
    return Rule(lambda value: _is_whole(value, low, high), f"a whole number from {low:,} to {high:,}")


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _is_positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _one_of(words: Sequence[str]) -> Rule:
    return Rule(lambda value: isinstance(value, str) and value in words, f"one of {_quoted(words)}", words)


def _matching(pattern: str, words: str) -> Rule:
    return Rule(lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, words)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value) and len(set(value)) == len(value)


def _are_seeds(value: Any) -> bool:
    if not isinstance(value, list):
        return _is_whole(value, 1, 10_000)
    return bool(value) and all(_is_whole(seed, 0, 2**31 - 1) for seed in value) and len(set(value)) == len(value)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def constraint(text: Any) -> Constraint | None:
    """Returns the constraint in a text such as `parameters <= 100_000`, or None if the text is not a constraint."""
    sizes, relations = "|".join(SIZES), "|".join(RELATIONS)
    match = re.fullmatch(rf"\s*({sizes})\s*({relations})\s*([0-9_.eE+]+)\s*", text) if isinstance(text, str) else None
    try:
        size, relation, number = match.groups() if match else ("", "", "")
        bound = float(number)
    except ValueError:
        return None
    return Constraint(size, relation, int(bound) if bound.is_integer() else bound) if bound < math.inf else None


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(map(repr, words))


NAME = _matching(
    r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", "at most 64 letters, digits, '_' and '-', the first a letter or a digit"
)
TASK = _a(str, "a text such as 'qr_digits', 'my_package.module:task' or './my_file.py:task'")
LOOKS = Rule(
    lambda value: isinstance(value, list) and bool(value) and all(_is_whole(seeds, 1, 10_000) for seeds in value),
    "a list of numbers of seeds, each larger than the one before, such as [5, 8, 12, 20]",
)
SEEDS = Rule(_are_seeds, "a whole number from 1 to 10,000, or a list of different ones from 0 to 2,147,483,647")
METRIC = Rule(
    lambda value: isinstance(value, str) and value.isprintable() and value == value.strip() != "",
    "the name of a metric, such as 'val_acc'",
)
DIRECTION, KIND, SAMPLER, PRUNER = (_one_of(get_args(words)) for words in (Direction, Kind, Sampler, Pruner))
EPOCH = _one_of(get_args(CountedEpoch))
POSITIVE = Rule(_is_positive, "a number above 0")
FLAG = _a(bool, "true or false")
MARGIN = Rule(_is_positive, "a number above 0, the size of a difference in either direction")

OBJECTIVE = Rule(
    lambda value: isinstance(value, dict) or (_are_tables(value) and len(value) == 2),
    "a table with metric and direction, or two of them, [[objective]]",
)
DESIGN = _a(dict, "a table with kind")
CONFIRM = _a(dict, "a table with top and seeds")
BASELINE = _a(dict, "a table of settings")
FACTORS = _a(dict, "a table of factors and their levels")
LEVELS = _a(list, "a list of levels")
WHEN = _a(dict, "a table of other factors and their levels, such as { trunk = 'conv' }")
MATCH = _a(dict, "a table with `with`, `by` and `within`, such as { with = 'width', by = 'parameters', within = 0.02 }")
MATCHED = _one_of(SIZES)
SETTING = _a(str, "the name of a setting of the task")
WITHIN = Rule(lambda value: _is_positive(value) and value <= 1, "a share above 0, at most 1, such as 0.02 for 2 %")
SURGERY = _a(dict, "a table of what is done to layers, such as remove = ['conv2d_1']")
GROUPS = _a(dict, "a table of names and their layers, such as { block3 = ['conv2d_5', 'conv2d_6'] }")
LAYERS = Rule(
    lambda value: _are_texts(value) and bool(value) and all(value), "a list of different layers, such as ['conv2d_1']"
)
LAYERS_OR_EACH = Rule(
    lambda value: value == "each" or LAYERS.holds(value), "a list of different layers or groups, or 'each'"
)
ACTIVATIONS_BY_LAYERS = Rule(
    lambda value: isinstance(value, dict) or LAYERS.holds(value),
    "a list of activations, or a table of layers and their activations, such as { conv2d_1 = ['gelu'] }",
)
KERAS_FILE = _matching(r".+\.keras", "the path of a .keras file, from the folder of this file")
MEND = _one_of(get_args(Mend))
FIDELITY = _a(dict, "a table with epochs, train_examples and validation_examples")

SIMPLE: dict[str, tuple[Rule, Any]] = {
    "description": (_a(str, "a text"), ""),
    "vary": (
        Rule(lambda v: _are_texts(v) and bool(v) and set(v) <= set(SOURCES), f"a list of some of {_quoted(SOURCES)}"),
        ["weights", "order"],
    ),
    "nuisance": (Rule(_are_texts, "a list of different names of factors"), []),
    "paired": (FLAG, False),
    "equal_variances": (FLAG, False),
    "margin": (MARGIN, None),
    "trial_timeout": (POSITIVE, None),
    "max_retries": (whole(0, 100), 2),
    "constraints": (
        Rule(
            lambda value: _are_texts(value) and all(map(constraint, value)),
            "a list of bounds on a model's size, such as 'parameters <= 100_000' or 'flops < 1e9'",
        ),
        [],
    ),
    "keep": (_one_of(get_args(Keep)), "best"),
}
"""The top-level keys that can be read without any other table, each with its rule and its default."""

TOP = (
    *("name", "task", "objective", "design", "seeds", "looks", "baseline", "factors", "surgery", "match", "fidelity"),
    *SIMPLE,
)
SWEEP = ("trials", "sampler", "pruner", "confirm")
"""The keys of [design] that only a sweep has."""
SOONEST: Pruner = "successive_halving"
"""The pruner of a sweep if the file names none. Replayed on a table of results, it found the best in the fewest epochs.
"""
ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu"),
    *("linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink"),
    *("softmax", "softplus", "softsign", "sparse_plus", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink"),
)
"""The activations of Keras that keep a shape. They are listed here, because reading a file must not load Keras."""
PACKAGES = {"cmaes": "cmaes", "gp": "torch"}
"""The package that each of these samplers needs. It is not installed together with this one."""

ELSEWHERE = {
    "epochs": "it is the same in every trial: give it in [fidelity]",
    "validation_examples": "it is the same in every trial: give it in [fidelity]",
    "seed": "a seed replicates a point and is no factor: give `seeds` at the top",
    "seeds": "a seed replicates a point and is no factor: give `seeds` at the top",
    "looks": "it is about seeds, which are no factor: give `looks` at the top",
}
"""Names that a user may mistake for a setting or a factor, and where they belong instead."""
