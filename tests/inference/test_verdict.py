"""The words of a verdict: those of the table of effects, in every place."""

import math
from dataclasses import replace

import pytest

from study.inference.effects import Effect
from study.inference.verdict import verdict_text, verdict_words
from tests.inference.test_effects import EFFECT


@pytest.mark.parametrize(
    ("values", "text", "words"),
    [
        ({"verdict": "helps"}, "helps", "helps"),
        ({"verdict": "hurts", "within": True}, "hurts, within the margin", "hurts, within the margin"),
        ({"verdict": "no difference", "within": True}, "no difference", "no difference"),
        ({"deciding": 1000.0}, "undecided (1,000 seeds)", "undecided"),
        ({"deciding": math.inf}, "undecided (over 1,000 seeds)", "undecided"),
        ({"low": math.nan, "high": math.nan}, "undecided (no seed differs)", "undecided"),
        ({"p": math.nan, "tested": 1}, "no test: 1 seed", "no test: 1 seed"),
        ({"p": math.nan, "tested": 0}, "no test: no seed", "no test: no seed"),
        ({"tested": 2}, "no verdict: 2 seeds", "no verdict: 2 seeds"),
        (
            {"verdict": "looks better", "lost": "1 of 4 failed"},
            "looks better, 1 of 4 failed",
            "looks better, 1 of 4 failed",
        ),
        ({"deciding": 9.0, "lost": "1 of 5 failed"}, "undecided (9 seeds), 1 of 5 failed", "undecided, 1 of 5 failed"),
        ({"verdict": "confounded", "p": math.nan}, "confounded", "confounded"),
    ],
)
def test_a_verdict_has_its_words(values: dict[str, object], text: str, words: str) -> None:
    effect = replace(Effect(**EFFECT), **values)  # type: ignore[arg-type]
    assert verdict_text(effect) == text
    assert verdict_words(effect) == words
