"""The rule of looks: against a second, plain computation, at its edges, and by what it promises."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from study.inference.looks import Course, Plan, follow, judge, seeds_needed, start, to_the_end, trials
from study.inference.multiplicity import Array
from study.inference.t_tests import compare
from study.space.looks import look_seeds
from study.space.search_space import Method
from tests.inference.test_t_tests import plain_step_down
from tests.toy_task import DEPTH, space

LOOKS = (5, 8, 12, 20)
PLAN = Plan(look_seeds(LOOKS, paired=False), "welch", 1.0, 1)
NOTHING = np.zeros(9)


def drawn(means: Array, *, seed: int = 0, seeds: int = 20) -> Array:
    noise: Array = np.random.default_rng(seed).normal(size=(len(means), seeds))
    return means[:, None] + noise


def whole(values: Array, plan: Plan = PLAN) -> Course:
    return follow(values, np.ones(values.shape), plan)


def test_the_error_of_all_looks_is_the_whole_error() -> None:
    shares = [PLAN.share(turn) for turn in range(4)]
    assert sum(shares) == pytest.approx(1)
    information = [1 / (1 / look.variants + 1 / look.baseline) / 10 for look in PLAN.looks]
    assert shares == pytest.approx([now**2 - before**2 for before, now in itertools.pairwise([0, *information])])


def test_a_plan_is_what_the_study_declares() -> None:
    declared = space(DEPTH, looks=(5, 9), seeds=tuple(range(9)), margin=0.1, comparison="paired")
    assert Plan.of(declared) == Plan(look_seeds((5, 9), paired=True), "paired", 0.1, 1)


def plain_permutation(ours: Array, theirs: Array) -> float:
    pooled = np.concatenate([ours, theirs])
    observed, extreme, count = abs(ours.mean() - theirs.mean()), 0, 0
    for chosen in itertools.combinations(range(len(pooled)), len(ours)):
        taken = np.zeros(len(pooled), bool)
        taken[list(chosen)] = True
        extreme += abs(pooled[taken].mean() - pooled[~taken].mean()) >= observed - 1e-12
        count += 1
    return extreme / count


@pytest.mark.parametrize("seed", [0, 3])
def test_a_first_look_is_a_plain_computation(seed: int) -> None:
    values = drawn(np.array([0.0, 0, 0, 3.5, -5, 0.2]), seed=seed)
    standing = judge(start(5), values, PLAN, 0)
    seen = values.copy()
    seen[0, 12:], seen[1:, 5:] = np.nan, np.nan
    share = PLAN.share(0)
    found = compare(seen, method="welch")
    by_t = plain_step_down(found)
    for variant in range(5):
        test = stats.ttest_ind(values[variant + 1, :5], values[0, :12], equal_var=False)
        p = 2 * stats.t.sf(abs(test.statistic), min(test.df, 8))
        assert found.p[variant] == pytest.approx(p)
        if by_t[variant] >= 0.05 * share:
            assert standing.found[variant] == 0
            assert standing.adjusted[variant] == pytest.approx(min(1, by_t[variant] / share), rel=1e-3)
        elif plain_permutation(values[variant + 1, :5], values[0, :12]) * 5 < 0.05 * share:
            assert standing.found[variant] == np.sign(test.statistic)
        assert (standing.adjusted[variant] < 0.05) == (standing.found[variant] != 0)


def test_only_the_seeds_of_a_look_decide_it() -> None:
    values = drawn(np.array([0.0, 4, 0, 0]))
    later = values.copy()
    later[0, 12:], later[1:, 5:] = 100, -100
    for one, other in zip(judge(start(3), values, PLAN, 0), judge(start(3), later, PLAN, 0), strict=True):
        assert (one == other).all()


def test_a_decided_variant_gets_no_more_seeds_and_keeps_its_verdict() -> None:
    values = drawn(np.array([0.0, 9, 0.9, 0, 0, 0]), seed=3)
    course = follow(values, np.arange(20) < 12, PLAN)
    assert (course.done, course.standing.found[0], course.standing.stopped[0]) == (1, 1, 0)
    assert seeds_needed(course, PLAN).tolist()[:3] == [20, 5, 8]
    other = values.copy()
    other[1, 5:] = -50  # What is decided does not depend on seeds that no look asked for.
    assert whole(other).standing.found[0] == whole(values).standing.found[0] == 1


def test_a_look_waits_for_every_cell_that_it_needs() -> None:
    values, over = drawn(NOTHING), np.ones((9, 20), bool)
    over[0, 11] = False
    assert follow(values, over, PLAN).done == 0
    assert seeds_needed(follow(values, over, PLAN), PLAN).tolist() == [12] + [5] * 8
    over[0, 11], over[4, 5] = True, False
    course = follow(values, over, PLAN)
    assert course.done == (1 if course.standing.goes_on[3] else 4)


def test_a_seed_that_failed_is_over_and_has_no_value() -> None:
    values = drawn(NOTHING)
    values[2, 1], values[3, 2] = np.nan, np.inf
    assert whole(values).done >= 1
    four = judge(start(8), values, PLAN, 0)
    # Four seeds have no verdict, and the variant goes on.
    assert four.goes_on[1]
    assert four.goes_on[2]
    assert four.adjusted[1] == four.adjusted[2] == 1


def test_a_variant_without_any_value_is_given_up() -> None:
    values = drawn(NOTHING)
    values[2] = np.inf
    assert judge(start(8), values, PLAN, 0).stopped[1] == 0


def test_seeds_that_do_not_differ_decide_by_permutation() -> None:
    values = np.zeros((4, 20))
    values[1] = 1
    standing = whole(values).standing
    assert standing.found.tolist() == [1, 0, 0]
    assert standing.within.tolist() == [False, True, True]


def test_a_mixture_of_learned_and_failed_seeds_is_never_no_difference() -> None:
    values = 0.4 + 0.001 * drawn(NOTHING)
    values[3, 2] = 0.1
    standing = whole(values, PLAN._replace(margin=0.3)).standing
    assert not standing.within[2]
    assert standing.within[3]
    values[0, 1] = 0.1
    assert not whole(values, PLAN._replace(margin=0.3)).standing.within.any()


def test_without_variants_there_is_nothing_to_look_at() -> None:
    course = whole(np.zeros((1, 20)))
    assert (course.done, course.is_over(PLAN), seeds_needed(course, PLAN).tolist()) == (0, True, [12])


def test_many_studies_at_once_are_decided_as_each_alone() -> None:
    means = np.array([0.0, 2, 1, 0, 0])
    values = np.stack([drawn(means, seed=seed) for seed in range(12)])
    values[3, 2, 4], values[5, 0, 7] = np.nan, np.inf
    together = to_the_end(values, PLAN)
    for study, one in enumerate(values):
        course = whole(one)
        for name, alone in course.standing._asdict().items():
            assert (getattr(together, name)[study] == alone).all(), name
        needed = seeds_needed(course, PLAN)
        assert trials(together, PLAN)[study] == needed.sum()


@pytest.mark.parametrize("method", ["paired", "equal_variances"])
def test_declared_methods_look_by_their_own_test(method: Method) -> None:
    plan = Plan(look_seeds(LOOKS, paired=method == "paired"), method, None, 1)
    standing = whole(drawn(np.array([0.0, 6, 0, 0])), plan).standing
    assert standing.found.tolist() == [1, 0, 0]
    first = compare(
        np.where(np.arange(20) < [[plan.looks[0].baseline], [5], [5], [5]], drawn(np.array([0.0, 6, 0, 0])), np.nan),
        method=method,
    )
    assert judge(start(3), drawn(np.array([0.0, 6, 0, 0])), plan, 0).adjusted[0] == pytest.approx(
        min(1, first.adjusted[0] / plan.share(0))
    )


def test_less_is_better_only_in_words() -> None:
    values = drawn(np.array([0.0, 6, 0, 0]))
    assert (whole(values, PLAN._replace(sign=-1)).standing.found == whole(values).standing.found).all()


def test_the_space_of_a_study_makes_the_plan() -> None:
    declared = space(DEPTH, looks=LOOKS, seeds=tuple(range(20)))
    assert Plan.of(declared).looks == PLAN.looks
    assert Plan.of(replace(declared, comparison="paired")).looks[0].baseline == 5
