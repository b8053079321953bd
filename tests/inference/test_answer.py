"""The answer in two sentences: of each kind of study, with every verdict as `study effects` has it."""

import re
from pathlib import Path

import pandas as pd
import pytest

from study import cli
from study.inference.answer import answer
from study.inference.effects import compute_effects
from study.inference.exported_file import read_export
from study.inference.nuisance import at_best_nuisance
from study.inference.verdict import verdict_words
from tests.analysis.synthetic_tables import csv, grid, sweep, table
from tests.conftest import ROOT

RESULTS = ROOT / "analysis" / "results"
DEPTHS = [{}, *({"conv_depth": depth} for depth in (1, 2, 3, 5, 6))]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", text)


def verdicts(text: str) -> dict[str, list[str]]:
    """What the second sentence says: verdict → the points that it names."""
    said = sentences(text)[1].removeprefix("Against the baseline, ").removesuffix(".")
    groups = (group.split(": ", 1) for group in re.split(r"; (?=[a-z1 ,]+: )", said))
    return {words: re.findall(r"(?:^|, )(\S+(?: \S+=\S+)*) \([−+]", points) for words, points in groups}


def test_an_ablation_names_its_best_point_and_every_verdict() -> None:
    assert answer(read_export(RESULTS / "qr_quick.csv")) == (
        "pooling=flatten has the highest mean val_acc of 6 points, 0.481 (95 % interval 0.452 to 0.509, 3 seeds; "
        "baseline 0.345). Against the baseline, looks better: pooling=flatten (+0.136), conv_depth=7 (+0.097), "
        "conv_depth=4 (+0.061); looks worse: pooling=global_average (−0.211), width=8 (−0.092)."
    )


def test_a_dose_also_tells_where_more_stops_paying() -> None:
    first, second = sentences(answer(read_export(RESULTS / "qr_depth.csv")))
    assert first == (
        "conv_depth=6 has the highest mean val_acc of 9 points, 0.378 (95 % interval 0.349 to 0.406, 5 seeds; "
        "baseline 0.368); where more stops paying is undecided, from conv_depth=4 to 9."
    )
    assert second == (
        "Against the baseline, hurts: conv_depth=1 (−0.262), conv_depth=2 (−0.201), conv_depth=3 (−0.055); undecided: "
        "conv_depth=8 (−0.029), conv_depth=9 (−0.016), conv_depth=5 (−0.010), conv_depth=6 (+0.010), "
        "conv_depth=4 (−0.005)."
    )


@pytest.mark.parametrize("study", sorted(path.name for path in RESULTS.glob("*.csv")))
def test_it_agrees_with_study_effects_in_every_verdict(study: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = verdicts(answer(read_export(RESULTS / study)))
    assert cli.main(["effects", str(RESULTS / study)]) == 0
    _, table, *_ = capsys.readouterr().out.split("\n\n")
    for words, points in said.items():
        for point in points:
            (row,) = [row for row in table.splitlines() if row.startswith(f"{point}  ")]
            assert f"  {words}  " in row or f"  {words} (" in row


def test_a_grid_counts_the_points_that_it_does_not_name() -> None:
    said = answer(grid())
    effects = compute_effects(grid())
    for words in {verdict_words(effect) for effect in effects}:
        count = sum(verdict_words(effect) == words for effect in effects)
        assert len(verdicts(said)[words]) == min(count, 4)
        assert (f" and {count - 4} more" in said) == (count > 4)
    assert len(sentences(said)) == 2


def test_a_grid_is_compared_at_the_best_of_its_nuisance_factors() -> None:
    cells = grid().assign(nuisance="conv_depth")
    assert answer(cells) == answer(at_best_nuisance(cells))
    assert "of 4 points" in answer(cells)


def test_a_search_that_confirms_is_judged_by_fresh_seeds() -> None:
    cells = sweep()
    said = answer(cells)
    assert said == answer(cells[cells["phase"] == "confirm"])
    assert "of 3 points" in said
    assert "optimistic" not in said


def test_the_best_of_a_search_is_said_to_be_lucky() -> None:
    cells = sweep().query("phase == 'search'")
    cells.loc[cells["point"] == "baseline", "metric.val_acc"] = 0.2
    first, second = sentences(answer(cells))
    assert "(one seed, so no interval; baseline 0.200)" in first
    assert first.endswith("; it is optimistic, because the search chose it by this value.")
    assert second == "Nothing is tested, because a test needs two seeds at the baseline and at a variant."


def test_less_may_be_better() -> None:
    first, second = sentences(answer(table(direction="minimize")))
    assert first.startswith("The baseline has the lowest mean val_acc of 6 points, 0.301 (")
    assert "helps" not in second


def test_one_point_alone_has_nothing_to_compare_with() -> None:
    first, second = sentences(answer(table([{}])))
    assert first.startswith("Only the baseline has a complete cell: its mean val_acc is 0.")
    assert second == "There is no other point."


def test_a_study_without_a_complete_cell_has_no_answer() -> None:
    points = ("baseline", "width=8")
    states = {(point, seed): "failed" if seed else "missing" for point in points for seed in range(3)}
    cells = table([{}, {"width": 8}], states=states)
    assert answer(cells) == "No cell is complete, so there is no answer yet: 4 failed, 2 missing."
    # Nothing has run, so the table has no columns of metrics.
    bare = cells.assign(state="missing")[[name for name in cells if not str(name).startswith("metric.")]]
    assert answer(bare) == "No cell is complete, so there is no answer yet: 6 missing."


def test_without_the_baseline_nothing_is_compared() -> None:
    said = answer(table(states={("baseline", seed): "failed" for seed in range(3)}))
    assert said.endswith(
        "; in no mean: 3 failed. No cell of the baseline is complete, so there is nothing to compare with."
    )
    assert "baseline 0" not in said
    only = answer(table([{}, {"width": 8}], states={("width=8", seed): "diverged" for seed in range(3)}))
    assert only.endswith("No other point has a complete cell, so nothing is compared.")


def test_cells_that_did_not_end_well_are_counted() -> None:
    states = {("conv_depth=7", 0): "diverged", ("conv_depth=7", 1): "failed", ("width=8", 2): "failed"}
    said = answer(table(states=states))
    assert "; in no mean: 1 diverged, 2 failed." in said
    assert not said.startswith("So far")
    assert "no test, 1 seed, 1 of 3 diverged and 1 failed: conv_depth=7 (" in said


def test_an_unfinished_study_says_so() -> None:
    said = answer(table(states={("width=8", 2): "missing"}))
    assert said.startswith("So far, pooling=flatten has ")
    assert "in no mean: 1 missing" in said


def test_when_nothing_is_decided_everything_is_undecided() -> None:
    cells = table([{}, {"width": 8}, {"conv_depth": 2}])
    noise = [0.3, 0.5, 0.4, 0.5, 0.3, 0.45, 0.4, 0.4, 0.3]
    said = verdicts(answer(cells.assign(**{"metric.val_acc": noise})))
    assert list(said) == ["undecided"]
    assert set(said["undecided"]) == {"width=8", "conv_depth=2"}


def test_a_point_that_ran_elsewhere_is_confounded() -> None:
    cells = table()
    cells.loc[cells["point"] == "width=8", "device"] = "gpu"
    assert verdicts(answer(cells))["confounded"] == ["width=8"]


def test_points_that_share_the_best_mean_are_counted() -> None:
    cells = table([{}, {"width": 8}, {"conv_depth": 2}])
    cells["metric.val_acc"] = 0.5
    first, second = sentences(answer(cells))
    assert first.startswith("The baseline has, as 2 others do, the highest mean val_acc of 3 points, 0.500 (")
    assert second == "Against the baseline, undecided: width=8 (+0.000), conv_depth=2 (+0.000)."


def test_two_doses_are_no_dose() -> None:
    points = [*DEPTHS, {"width": 8}, {"width": 32}]
    assert "more pays" in answer(table(DEPTHS))
    assert "more" not in sentences(answer(table(points)))[0]


def test_no_text_of_a_user_disturbs_a_terminal() -> None:
    cells = table([{}, {"pooling": "a\x1b[31mb"}])
    assert "\x1b" not in answer(cells)


def test_an_answer_is_the_same_from_a_file(tmp_path: Path) -> None:
    cells: pd.DataFrame = table()
    assert answer(read_export(csv(cells, tmp_path / "t.csv"))) == answer(cells)
