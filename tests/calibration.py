"""How often the statistics err, by simulation with normal noise: `python -m tests.calibration`, long.

Draws are many studies at once through `study.inference.t_tests`, which `study effects` calls with one.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import get_args

import numpy as np

from study.inference.intervals import mean_interval
from study.inference.multiplicity import Array
from study.inference.permutation import guarded
from study.inference.t_tests import ERROR, compare
from study.space.search_space import Method
from tests import look_calibration

VARIANTS = 8
SEEDS = (3, 5, 10)
CORRELATIONS = (0.0, 0.6)
SPREADS: Mapping[str, Array] = {
    "all equal": np.ones(VARIANTS + 1),
    "the baseline's doubled": np.array([2.0] + [1.0] * VARIANTS),
    "one variant's tripled": np.array([1.0, 3.0] + [1.0] * (VARIANTS - 1)),
    "graded 1 to 3": np.linspace(1, 3, VARIANTS + 1),
}
WORDS: Mapping[Method, str] = {"welch": "default", "paired": "`paired`", "equal_variances": "`equal_variances`"}
METHODS: tuple[Method, ...] = get_args(Method)
EFFECT = 2.0
MARGIN = 4.0
"""In standard deviations: far enough apart that either end of the margin alone decides."""
LOOK_STUDIES = 20_000
_BATCH = 2_000

UNEQUAL: Sequence["Numbers"] = ((10, 2), (10, 3), (5, 2), (2, 10), (5, 3), (14, 5))
RATIOS = (1.0, 3.0)
CHANCES = (0.1, 0.3, 0.5)
MANY_SEEDS = (5, 8, 10)
Numbers = tuple[int, int]
"""Seeds of the baseline, and of each variant."""
Cell = tuple[int, float, str]
"""Seeds, correlation of a seed's results, spreads."""


def cells(method: Method) -> Iterator[Cell]:
    """Where what the file declares is true."""
    spreads = ["all equal"] if method == "equal_variances" else list(SPREADS)
    return ((seeds, share, name) for seeds in SEEDS for share in CORRELATIONS for name in spreads)


def studies(cell: Cell, *, draws: int, seed: int = 0, means: Array | float = 0.0) -> Iterator[Array]:
    """Values as [draw, point, seed], in batches; a seed's results correlate by the cell's share."""
    seeds, share, name = cell
    random = np.random.default_rng([seed, seeds, int(10 * share), list(SPREADS).index(name)])
    spreads = SPREADS[name][:, None]
    for start in range(0, draws, _BATCH):
        size = min(_BATCH, draws - start)
        common = random.normal(size=(size, 1, seeds))
        own = random.normal(size=(size, VARIANTS + 1, seeds))
        yield np.reshape(means, (-1, 1)) + spreads * (np.sqrt(share) * common + np.sqrt(1 - share) * own)


def rejected(values: Array, method: Method) -> Array:
    """Which variants of which draws are called different."""
    found = compare(values, method=method)
    # No adjusted p is below its own: where none of these is small, nothing is rejected.
    some = (found.p < ERROR).any(-1)
    out = np.zeros(found.p.shape, dtype=bool)
    out[some] = guarded(compare(values[some], method=method), values[some], method=method).adjusted < ERROR
    return out


def family_wise_error(cell: Cell, method: Method, *, draws: int) -> float:
    """How often any difference is found where there is none; intervals of all at once miss as often."""
    found = np.concatenate([rejected(values, method) for values in studies(cell, draws=draws)])
    return float(found.any(-1).mean())


def coverage(cell: Cell, method: Method, *, draws: int) -> Array:
    """How often each variant's own interval holds its difference."""
    ends = [compare(values, method=method).interval() for values in studies(cell, draws=draws)]
    held: Array = np.concatenate([(low <= 0) & (high >= 0) for low, high in ends]).mean(0)
    return held


def mean_coverage(seeds: int, *, draws: int) -> float:
    """How often the interval of a mean holds it."""
    samples = np.random.default_rng(seeds).normal(size=(draws, seeds))
    return float(np.mean([low <= 0 <= high for _, low, high in map(mean_interval, samples)]))


def power(method: Method, *, share: float, draws: int) -> float:
    """How often a real effect is found: two of 2 standard deviations among eight variants, on five seeds."""
    means = np.array([0, EFFECT, EFFECT] + [0] * (VARIANTS - 2))
    batches = studies((5, share, "all equal"), draws=draws, means=means)
    hits = [rejected(values, method)[:, :2] for values in batches]
    return float(np.concatenate(hits).mean())


def false_equivalence(cell: Cell, method: Method, *, draws: int) -> Array:
    """How often each variant, whose effect equals the margin, is found to be within it."""
    means = np.array([0.0] + [MARGIN] * VARIANTS)
    batches = studies(cell, draws=draws, means=means)
    within = [compare(values, method=method).equivalence(MARGIN) < ERROR for values in batches]
    found: Array = np.concatenate(within).mean(0)
    return found


def unequal_studies(numbers: Numbers, *, ratio: float, draws: int) -> Iterator[Array]:
    """Values without an effect, where the baseline has other numbers of seeds than the variants.

    `ratio` is the variants' standard deviation over the baseline's.
    """
    random = np.random.default_rng([*numbers, int(ratio)])
    gaps = np.arange(max(numbers)) >= np.array([[numbers[0]], *[[numbers[1]]] * VARIANTS])
    spreads = np.array([[1.0], *[[ratio]] * VARIANTS])
    for start in range(0, draws, _BATCH):
        drawn = random.normal(size=(min(_BATCH, draws - start), VARIANTS + 1, max(numbers)))
        yield np.where(gaps, np.nan, spreads * drawn)


def failing_studies(seeds: int, *, chance: float, draws: int) -> Iterator[Array]:
    """Values without an effect, where each seed of each point fails with this chance: 0.1 instead of some 0.4."""
    random = np.random.default_rng([seeds, int(100 * chance)])
    for start in range(0, draws, _BATCH):
        shape = (min(_BATCH, draws - start), VARIANTS + 1, seeds)
        yield np.where(random.random(shape) < chance, 0.1, 0.4) + 0.02 * random.normal(size=shape)


def found_in(batches: Iterable[Array]) -> float:
    """How often the default finds any difference in studies without an effect."""
    return float(np.concatenate([rejected(values, "welch").any(-1) for values in batches]).mean())


def power_without_looks(seeds: int, *, draws: int) -> float:
    """How often an effect of 2 standard deviations is found among eight variants: the default, and its guard."""
    random = np.random.default_rng(seeds)
    means = np.array([[0.0], [EFFECT], *[[0.0]] * (VARIANTS - 1)])
    values = means + random.normal(size=(draws, VARIANTS + 1, seeds))
    return float(rejected(values, "welch")[:, 0].mean())


def independent(cell: Cell, method: Method) -> bool:
    """Whether all that the rule assumes holds: without pairs, that a seed's results do not correlate."""
    return method == "paired" or cell[1] == 0


def main(draws: int) -> None:
    """Print the README's table."""
    print("| | rule | 3 seeds | 5 seeds | 10 seeds |\n|---|---|--:|--:|--:|")
    means = [f"{100 * mean_coverage(seeds, draws=draws):.1f} %" for seeds in SEEDS]
    _print("the interval of a mean holds it", "any", means)
    for method in METHODS:
        errors = {cell: family_wise_error(cell, method, draws=draws) for cell in cells(method)}
        _print("finds any difference where there is none, at most", WORDS[method], _most(errors))
        own = {cell: coverage(cell, method, draws=draws) for cell in cells(method) if independent(cell, method)}
        _print("the own interval of a difference holds it", WORDS[method], _range(own))
        whole = {cell: 1 - error for cell, error in errors.items() if independent(cell, method)}
        _print("the intervals of all hold them all", WORDS[method], _range(whole))
        false = {cell: false_equivalence(cell, method, draws=draws) for cell in cells(method)}
        _print('finds "no difference" at the margin itself, at most', WORDS[method], _most(false))
        found = " / ".join(f"{power(method, share=share, draws=draws):.3f}" for share in CORRELATIONS)
        _print("finds an effect of 2 sd; with pairs correlated 0.6", WORDS[method], ["", found, ""])

    _print_uneven(draws)
    # A study with looks has up to four of them, so the same number of studies would take hours.
    look_calibration.print_tables(min(draws, LOOK_STUDIES))


def _print_uneven(draws: int) -> None:
    """Print the table of studies whose seeds differ in number or in fate."""
    heads = [f"{ours} / {theirs}" for ours, theirs in UNEQUAL]
    print(f"\n| seeds of the baseline / of each variant | {' | '.join(heads)} |\n|---|{'--:|' * len(UNEQUAL)}")
    for ratio in RATIOS:
        errors = [found_in(unequal_studies(numbers, ratio=ratio, draws=draws)) for numbers in UNEQUAL]
        _row(f"finds any difference, variants' sd {ratio:g} times the baseline's", errors)
    heads = [f"{seeds} seeds" for seeds in MANY_SEEDS]
    print(f"\n| | {' | '.join(heads)} |\n|---|{'--:|' * len(MANY_SEEDS)}")
    for chance in CHANCES:
        errors = [found_in(failing_studies(seeds, chance=chance, draws=draws)) for seeds in MANY_SEEDS]
        _row(f"finds any difference where each seed fails with probability {chance:g}", errors)
    _row("finds one effect of 2 sd among eight variants", [power_without_looks(n, draws=draws) for n in MANY_SEEDS])


def _row(words: str, rates: Iterable[float]) -> None:
    print(f"| {words} | {' | '.join(f'{100 * rate:.1f} %' for rate in rates)} |", flush=True)


def _print(words: str, rule: str, numbers: Sequence[str]) -> None:
    print("| " + " | ".join([words, rule, *numbers]) + " |", flush=True)


def _most(rates: Mapping[Cell, Array | float]) -> list[str]:
    return [f"{100 * max(found):.1f} %" for found in _by_seeds(rates)]


def _range(rates: Mapping[Cell, Array | float]) -> list[str]:
    return [f"{100 * min(found):.1f} to {100 * max(found):.1f} %" for found in _by_seeds(rates)]


def _by_seeds(rates: Mapping[Cell, Array | float]) -> list[list[float]]:
    return [[float(r) for cell, rate in rates.items() if cell[0] == n for r in np.ravel(rate)] for n in SEEDS]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
