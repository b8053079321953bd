"""Verdicts by p, margin and number of seeds, and what small tables with a known answer say."""

import math
from typing import Any

import pandas as pd
import pytest

from study.errors import InferenceError
from study.inference.effects import Effect, compute_effects
from study.inference.exported_file import read_export
from study.inference.findings import conditions
from study.inference.verdict import verdict_text
from study.inference.verdict_rule import Verdict, lost_text, verdict
from tests.conftest import ROOT

SAMPLES = ROOT / "tests" / "samples" / "verdicts"


def effects(name: str, **changed: Any) -> dict[str, Effect]:
    """The effects of a small table whose right answer is known."""
    table = read_export(SAMPLES / f"{name}.csv").assign(**changed)
    return {effect.point: effect for effect in compute_effects(table)}


@pytest.mark.parametrize(
    ("found", "within", "seeds", "expected"),
    [
        (True, False, 2, "undecided"),
        (True, True, 3, "looks better"),
        (True, False, 4, "looks better"),
        (True, False, 5, "helps"),
        (False, True, 4, "undecided"),
        (False, True, 5, "no difference"),
        (False, False, 50, "undecided"),
    ],
)
def test_a_verdict_needs_a_small_p_and_seeds(found: bool, within: bool, seeds: int, expected: Verdict) -> None:
    assert verdict(1.0, found=found, within=within, seeds=seeds) == expected


def test_a_loss_is_the_other_word() -> None:
    assert [verdict(-1.0, found=True, within=False, seeds=seeds) for seeds in (3, 5)] == ["looks worse", "hurts"]


def test_what_was_lost_is_told_in_words() -> None:
    assert lost_text({}, of=5) == ""
    assert lost_text({"diverged": 2, "failed": 1}, of=10) == "2 of 10 diverged and 1 failed"


def test_two_seeds_of_ten_get_no_verdict() -> None:
    found = effects("unequal_seeds_no_effect")
    assert {effect.verdict for effect in found.values()} == {"undecided"}
    assert {verdict_text(effect) for effect in found.values()} == {"no verdict: 2 seeds, 8 of 10 diverged"}
    assert min(effect.deciding for effect in found.values()) >= 10


def test_rounding_is_no_variance() -> None:
    (effect,) = effects("paired_rounding").values()
    assert (effect.p, verdict_text(effect)) == (0.5, "no verdict: 2 seeds")
    assert math.isnan(effect.low)


def test_five_pairs_that_differ_alike_have_the_p_of_their_signs() -> None:
    rows = read_export(SAMPLES / "paired_rounding.csv")
    five = pd.concat([rows.assign(seed=rows["seed"] + 2 * turn) for turn in range(3)])
    (effect,) = compute_effects(five[five["seed"] < 5])
    assert (effect.p, effect.verdict) == (2 / 2**5, "undecided")


def test_a_direction_in_capitals_is_read_and_another_word_refused() -> None:
    (effect,) = effects("direction_capital").values()
    assert (effect.verdict, effect.difference > 0) == ("helps", True)
    for word in ("up", "", "max"):
        with pytest.raises(InferenceError, match="column direction must say"):
            effects("direction_capital", direction=word)


@pytest.mark.parametrize(
    ("column", "value"), [("paired", "no"), ("equal_variances", 2), ("margin", -0.1), ("margin", "3 %")]
)
def test_what_a_table_declares_is_checked(column: str, value: object) -> None:
    with pytest.raises(InferenceError, match=f"column {column} must be"):
        effects("direction_capital", **{column: value})


def test_the_integral_is_exact_where_the_baseline_has_nearly_all_the_variance() -> None:
    found = effects("integral_verdict_flips")
    assert {effect.verdict for effect in found.values()} == {"undecided"}
    assert min(effect.adjusted for effect in found.values()) > 0.05


def test_a_margin_in_percent_decides_nothing_and_is_told() -> None:
    assert {effect.verdict for effect in effects("margin_in_percent").values()} == {"undecided"}
    said = " ".join(conditions(read_export(SAMPLES / "margin_in_percent.csv")))
    assert (
        "The margin of 3 is wider than all results (0.365 to 0.431), so it decides nothing; is it in percent?" in said
    )
    assert "margin" not in " ".join(conditions(read_export(SAMPLES / "margin_in_percent.csv").assign(margin=0.03)))
