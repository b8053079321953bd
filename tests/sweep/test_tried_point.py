"""The points of a search as values."""

from optuna.trial import TrialState

from study.sweep.tried_point import SEED, Suggestion, TriedPoint
from tests.toy_task import DEPTH
from tests.trial_functions import space


def test_a_tried_point_has_the_key_of_its_cell() -> None:
    config = space(DEPTH).config({"depth": 5}, seed=SEED)
    point = TriedPoint(Suggestion(config), TrialState.RUNNING)
    assert point.key == config.key
    assert (point.values, point.curve, point.excess) == (None, {}, {})


def test_a_suggestion_is_the_first_draw_unless_it_says_otherwise() -> None:
    suggestion = Suggestion(space(DEPTH).config({}, seed=SEED))
    assert (suggestion.draws, suggestion.origin, suggestion.marks) == (1, "", {})
