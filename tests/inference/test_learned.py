"""Seeds that learned and seeds that did not: found, counted, and asked two questions about."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from study.inference.columns import CHANCE
from study.inference.effects import compute_effects
from study.inference.exported_file import read_export
from study.inference.learned import Learned, did_not_learn, fisher_p, learned, learned_sentences, share_interval
from study.inference.verdict import verdict_text
from tests.analysis.synthetic_tables import sweep, table
from tests.conftest import ROOT

SAMPLES, ABLATION = ROOT / "tests" / "samples" / "verdicts", ROOT / "tests" / "samples" / "ablation_of_five_seeds.csv"


def test_seeds_that_fell_apart_are_counted_and_asked_both_questions() -> None:
    cells = read_export(SAMPLES / "bimodal.csv")
    found = {one.point: one for one in learned(cells)}
    assert [one.text for one in found.values()] == [
        "learned 5 of 5", "learned 3 of 5", "learned 0 of 5", "learned 5 of 5",
    ]  # fmt: skip
    assert found["f=1"].mean == pytest.approx(0.41)
    interval = stats.binomtest(3, 5).proportion_ci(method="exact")
    assert (found["f=1"].low, found["f=1"].high) == pytest.approx((interval.low, interval.high))
    assert (found["f=2"].failing, found["f=2"].where_learned) == ("fails more often", "none to compare")
    said = " ".join(learned_sentences(cells))
    assert "f=1: learned 3 of 5 (0.15 to 0.95), mean of these 0.41; undecided whether it fails more often" in said
    effects = {effect.point: effect for effect in compute_effects(cells)}
    assert verdict_text(effects["f=1"]).endswith(", learned 3 of 5")
    assert verdict_text(effects["f=3"]) == "no difference"


def test_a_seed_that_diverged_did_not_learn() -> None:
    cells = read_export(SAMPLES / "bimodal.csv")
    cells.loc[(cells["point"] == "f=3") & (cells["seed"] == 0), "state"] = "diverged"
    assert learned(cells)[-1].text == "learned 4 of 5"


def test_a_mixture_is_never_no_different() -> None:
    cells = read_export(SAMPLES / "bimodal.csv").assign(margin=0.9)
    effects = {effect.point: effect.verdict for effect in compute_effects(cells)}
    assert effects == {"f=1": "undecided", "f=2": "hurts", "f=3": "no difference"}


def test_what_may_be_a_mixture_is_not_called_no_different_either() -> None:
    cells = table(seeds=8).assign(margin=0.9)
    mine = cells["point"] == "width=8"
    # The gap is 1.6 times the range of those that learned: too small to say that a seed failed.
    cells.loc[mine, "metric.val_acc"] = [0.137, 0.35, 0.364, 0.367, 0.409, 0.412, 0.451, 0.457]
    assert not did_not_learn(cells).any()
    effects = {effect.point: effect for effect in compute_effects(cells)}
    assert not effects["width=8"].within
    assert effects["conv_depth=2"].within
    cells.loc[mine, "metric.val_acc"] += [0.19, *[0.0] * 7]
    assert {effect.point: effect for effect in compute_effects(cells)}["width=8"].within


def test_the_ablation_tells_which_seeds_did_not_learn() -> None:
    found = {one.point: one.text for one in learned(read_export(ABLATION))}
    assert found["dropout=0.2"] == "learned 2 of 5"
    assert (found["baseline"], found["batch_norm=false"]) == ("learned 5 of 5", "learned 0 of 5")


def failing(seeds: int, *, failed: range) -> pd.DataFrame:
    """The synthetic study, in which some seeds of width=8 failed. The baseline has 12 seeds, the others fewer."""
    cells = table(seeds=12)
    cells = cells[(cells["point"] == "baseline") | (cells["seed"] < seeds)].reset_index(drop=True)
    cells.loc[(cells["point"] == "width=8") & cells["seed"].isin(failed), "metric.val_acc"] = 0.1
    return cells.assign(**{CHANCE: 0.1})


def of_width(cells: pd.DataFrame) -> Learned:
    (found,) = (one for one in learned(cells) if one.point == "width=8")
    return found


def test_with_looks_both_questions_err_as_seldom_as_the_look_may() -> None:
    cells = failing(5, failed=range(4))
    assert of_width(cells).failing == "fails more often"
    looking = of_width(cells.assign(looks="5 8 12 20"))
    assert (looking.text, looking.failing) == ("learned 1 of 5", "undecided whether it fails more often")
    assert of_width(failing(5, failed=range(5)).assign(looks="5 8 12 20")).failing == "fails more often"


def test_with_looks_both_questions_wait_for_a_look() -> None:
    early = of_width(failing(4, failed=range(4)).assign(looks="5 8 12 20"))
    assert (early.text, early.failing) == ("learned 0 of 4", "undecided whether it fails more often")
    assert early.where_learned == "no verdict yet"
    between = failing(7, failed=range(5, 7)).assign(looks="5 8 12 20")
    assert of_width(between).text == "learned 5 of 7"
    assert of_width(between).failing == "undecided whether it fails more often"


def test_each_cell_is_told_from_the_others_as_the_counts_are() -> None:
    cells = read_export(ABLATION)
    failed = cells.loc[did_not_learn(cells)[cells.index], "point"].value_counts()
    assert {one.point: one.seeds - one.learned for one in learned(cells) if one.point in failed} == failed.to_dict()
    assert not did_not_learn(table()).any()


def test_cells_of_a_search_itself_are_not_told_apart() -> None:
    cells = sweep()
    own = cells["phase"] == "search"
    cells.loc[own, "metric.val_acc"] = 0.0
    assert not did_not_learn(cells)[own].any()


@pytest.mark.parametrize("minimize", [False, True])
def test_one_failed_seed_among_many_is_found_on_either_side(minimize: bool) -> None:
    sign = -1 if minimize else 1
    cells = table(seeds=8, direction="minimize" if minimize else "maximize")
    cells.loc[(cells["point"] == "width=8") & (cells["seed"] == 3), "metric.val_acc"] -= sign * 0.25
    assert {one.point: one.text for one in learned(cells) if one.learned < one.seeds} == {"width=8": "learned 7 of 8"}


@pytest.mark.parametrize(("ours", "theirs"), [((3, 5), (5, 5)), ((0, 5), (5, 5)), ((2, 8), (7, 9)), ((4, 4), (4, 4))])
def test_the_p_of_two_shares_is_fishers(ours: tuple[int, int], theirs: tuple[int, int]) -> None:
    rows = [[ours[0], ours[1] - ours[0]], [theirs[0], theirs[1] - theirs[0]]]
    assert fisher_p(*ours, *theirs) == pytest.approx(stats.fisher_exact(np.array(rows)).pvalue)


def test_an_interval_of_a_share_never_leaves_its_range() -> None:
    ends = [share_interval(count, 5) for count in range(6)]
    assert (ends[0][0], ends[-1][1]) == (0, 1)
    assert all(0 <= low < high <= 1 for low, high in ends)


def test_seeds_that_all_learned_are_not_spoken_of() -> None:
    assert learned(table(seeds=5)) == []
    assert list(learned_sentences(table(seeds=5))) == []
    assert learned(pd.DataFrame(table(seeds=2))) == []


def test_a_task_that_says_what_chance_scores_is_believed() -> None:
    cells = table(seeds=3).assign(chance=0.1)
    assert learned(cells) == []
    cells.loc[(cells["point"] == "width=8") & (cells["seed"] == 1), "metric.val_acc"] = 0.11
    found = {one.point: one.text for one in learned(cells)}
    assert found["width=8"] == "learned 2 of 3"
    assert set(found.values()) == {"learned 2 of 3", "learned 3 of 3"}
    # Where nobody says it, three seeds are too few to tell.
    assert learned(cells.drop(columns="chance")) == []
