"""Values that fall into two groups, and values that do not."""

import numpy as np
import pytest

from study.inference.two_groups import chance_end, failed_end, may_fall_apart

RANDOM = np.random.default_rng(1)
GOOD = 0.4 + 0.01 * RANDOM.normal(size=5)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_end_lies_between_the_groups(sign: int) -> None:
    mixed = np.array([0.1, 0.105, *GOOD[:3]])
    end = failed_end({"a": GOOD, "b": sign * mixed + (0.5 if sign < 0 else 0)}, sign=sign)
    assert np.isfinite(end)
    worse = np.sort(sign * (sign * mixed + (0.5 if sign < 0 else 0)))
    assert worse[1] <= end < worse[2]


def test_what_may_fall_apart_is_less_than_what_does() -> None:
    # The gap, 0.194, is less than twice the range of those that learned, 0.118.
    near = {"a": GOOD, "b": np.array([0.137, 0.35, 0.364, 0.367, 0.409, 0.412, 0.451, 0.457])}
    assert np.isnan(failed_end(near, sign=1))
    assert 0.137 <= failed_end(near, sign=1, sure=False) < 0.35
    assert np.isnan(failed_end({"a": GOOD, "b": near["b"][1:]}, sign=1, sure=False))


def test_fewer_than_five_values_are_no_groups() -> None:
    assert np.isnan(failed_end({"a": np.array([0.1, 0.4, 0.41, 0.42])}, sign=1))
    assert np.isnan(failed_end({}, sign=1))


def test_noise_alone_seldom_falls_apart() -> None:
    random, spreads = np.random.default_rng(0), np.linspace(1, 3, 9)
    apart = 0
    for turn in range(200):
        drawn = random.normal(size=(9, 5 if turn % 2 else 10)) * spreads[:, None] + random.normal(size=(9, 1)) * 5
        apart += bool(np.isfinite(failed_end({str(row): values for row, values in enumerate(drawn)}, sign=1)))
    assert apart <= 6


@pytest.mark.parametrize("sign", [1, -1])
def test_what_chance_scores_decides_where_it_is_known(sign: int) -> None:
    samples = {"a": sign * np.array([0.5, 0.5]), "b": sign * np.array([0.1, 0.4]), "c": np.array([])}
    assert chance_end(samples, sign * 0.1, sign=sign) == pytest.approx(0.1 + 0.05 * 0.4)
    assert chance_end({"a": sign * np.array([0.05])}, sign * 0.1, sign=sign) == pytest.approx(0.1)


def test_families_that_cannot_fall_apart_are_told_apart_at_once() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(200, 3, 8))
    values[random.random(values.shape) < 0.1] = np.nan
    values[::3, 1, 2] -= 30
    values[::7, 2, 3] = np.inf
    may = may_fall_apart(values)
    for family, possible in zip(values, may, strict=True):
        samples = {str(row): sample[np.isfinite(sample)] for row, sample in enumerate(family)}
        assert possible or np.isnan(failed_end(samples, sign=1, sure=False))
    assert may[::3].mean() > 0.8
    assert may.mean() < 0.8
