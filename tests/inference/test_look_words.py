"""What looks have decided, in words."""

import numpy as np

from study.inference.look_words import look_lines, look_texts, look_verdicts
from study.inference.looks import Course, Plan, Standing
from study.space.looks import look_seeds

PLAN = Plan(look_seeds((5, 8, 12, 20), paired=False), "welch", 0.1, 1)
STANDING = Standing(
    stopped=np.array([0, 0, 1, 1, -1, -1]),
    found=np.array([1, -1, 0, 0, 0, 0]),
    within=np.array([False, False, True, False, False, False]),
    adjusted=np.full(6, 0.5),
)
POINTS = list("abcdef")


def test_verdicts_follow_the_direction_of_the_objective() -> None:
    words = ["helps", "hurts", "no difference", "undecided", "undecided", "undecided"]
    assert look_verdicts(Course(STANDING, 2), PLAN) == words
    assert look_verdicts(Course(STANDING, 2), PLAN._replace(sign=-1))[:2] == ["hurts", "helps"]


def test_each_variant_has_the_look_of_its_verdict() -> None:
    texts = look_texts(Course(STANDING, 2), PLAN)
    assert texts == [*["look 1 of 4"] * 2, "look 2 of 4", "given up at look 2 of 4", *["after look 2 of 4"] * 2]
    assert look_texts(Course(STANDING, 4), PLAN)[-1] == "after the last look"
    assert set(look_texts(Course(STANDING._replace(stopped=np.full(6, -1)), 0), PLAN)) == {"before the first look"}


def test_lines_tell_what_each_look_decided_and_who_goes_on() -> None:
    assert look_lines(POINTS, Course(STANDING, 3), PLAN) == [
        "looks at 5, 8, 12 and 20 seeds, the baseline at 12, 20, 20 and 20",
        "look 1 of 4: helps: a; hurts: b",
        "look 2 of 4: given up, because a verdict is improbable: d; no difference: c",
        "look 3 of 4: nothing is decided",
        "look 4 of 4, at 20 seeds, is not complete: e, f",
    ]
    assert look_lines(POINTS, Course(STANDING, 4), PLAN)[-1] == "undecided after the last look: e, f"
