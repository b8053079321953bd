"""The article's claims: eight rows, measured where a study varies what they are about, else `not run`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis import article, claims
from analysis.claim_measures import HEDGED, ClaimVerdict
from analysis.drawing.source import FigureError, Source
from study.inference import intervals
from study.inference.effects import compute_effects
from study.inference.multiplicity import holm
from study.inference.t_tests import ERROR
from study.task import Settings
from study.tasks.qr_digits import codes
from tests.analysis.synthetic_tables import QUICK, csv, grid, sweep, table


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Replaces the rule-based reader, which takes most of a second. Returns the settings that it was asked for."""
    asked: list[Settings] = []

    def ceiling(settings: Settings, count: int) -> tuple[float, float]:
        asked.append(settings)
        return 0.99, 0.9

    monkeypatch.setattr(codes, "ceiling", ceiling, raising=False)
    return asked


def measured(*studies: str, number: int) -> list[str]:
    rows = claims.rows([{"quick": table, "grid": grid, "sweep": sweep}[study]() for study in studies])
    return [row.measured for row in rows if row.number == number]


def test_every_claim_has_a_row_and_what_was_not_varied_was_not_run() -> None:
    rows = claims.rows([table([{}, {"width": 8}])])
    assert [row.number for row in rows] == list(range(1, 9))
    assert {row.measured for row in rows if row.number != 7} == {claims.NOT_RUN}


def test_a_value_is_the_mean_at_these_levels_with_all_else_at_the_baseline() -> None:
    cells = table()
    values = cells.loc[cells["point"] == "conv_depth=7", "metric.val_acc"]
    mean, low, high = intervals.mean_interval(values)
    (row,) = measured("quick", number=1)
    assert row.endswith(f"val_acc {mean:.3f} ({low:.3f} to {high:.3f}), n = 3")


def test_a_contrast_needs_neither_level_to_be_the_baselines() -> None:
    cells = table().set_index("point")["metric.val_acc"]
    change = intervals.difference(cells["conv_depth=7"], cells["conv_depth=2"])
    _, row = measured("quick", number=2)
    expected = f"conv_depth 7 instead of 2: {change.value:+.3f} ({change.low:+.3f} to {change.high:+.3f}), n = 3 and 3"
    assert row == expected.replace("-", "−")


@pytest.mark.parametrize(
    ("number", "shift", "verdict"),
    [
        (1, 0.6, "looks confirmed"),
        (1, 0.0, "not tested at this fidelity"),
        (2, 0.0, ""),
        (5, 0.0, "looks confirmed"),
        (5, -0.2, "looks contradicted"),
        (5, -0.1, "undecided"),
        (7, 0.0, "contradicted"),
    ],
)
def test_a_verdict_is_drawn_where_the_interval_or_the_p_allows_it(number: int, shift: float, verdict: str) -> None:
    cells = table()
    touched = cells["point"].isin({1: ["conv_depth=7"], 5: ["pooling=flatten"]}.get(number, []))
    cells.loc[touched, "metric.val_acc"] += shift
    first = next(row for row in claims.rows([cells]) if row.number == number)
    assert first.verdict == verdict


def test_coordinates_are_weighed_at_every_depth() -> None:
    rows = measured("grid", number=3)
    assert [row.partition(",")[0] for row in rows[:-1]] == [f"at conv_depth={depth}" for depth in (2, 4, 7)]


@pytest.mark.parametrize(
    ("loss", "margin", "verdict"),
    [(0.1, None, "contradicted"), (0.1, 0.03, "contradicted"), (0.1, 0.2, "confirmed"), (-0.1, None, "confirmed"),
     (0.0, None, "undecided"), (0.0, 0.05, "confirmed"), (0.05, 0.04, "undecided")],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_coordinates_replace_depth_where_they_lose_no_more_than_the_margin(
    loss: float, margin: float | None, verdict: ClaimVerdict, sign: int
) -> None:
    cells = grid().assign(margin=margin, direction="maximize" if sign > 0 else "minimize")
    short, deep = (
        (cells["level.conv_depth"] == depth) & (cells["level.coordinates"].astype(str).str.lower() == coordinates)
        & (cells["level.pooling"] == "global_max")
        for depth, coordinates in ((2, "true"), (7, "false"))
    )  # fmt: skip
    spread = [0.5, 0.51, 0.49]
    cells.loc[deep, "metric.val_acc"] = spread
    cells.loc[short, "metric.val_acc"] = [value - sign * loss for value in spread]
    last = [row for row in claims.rows([cells]) if row.number == 3][-1]
    assert last.measured.startswith("conv_depth=2 coordinates=true instead of conv_depth=7 coordinates=false: ")
    assert last.verdict == HEDGED.get(verdict, verdict)  # Three seeds are not sure.


def test_what_ran_elsewhere_confirms_no_claim() -> None:
    cells = table()
    cells.loc[cells["point"] == "pooling=flatten", "device"] = "gpu"
    assert {row.verdict for row in claims.rows([cells]) if row.number == 5} == {"confounded"}
    cells = sweep()
    cells.loc[(cells["phase"] == "confirm") & (cells["point"] != "baseline"), "device"] = "gpu"
    assert {row.verdict for row in claims.rows([cells.assign(baseline="baseline")]) if row.number == 8} == {
        "confounded"
    }


def test_the_best_of_several_is_judged_by_the_p_that_allows_for_them() -> None:
    seen = set()
    for step in range(0, 20, 3):  # Noisier and noisier: from sure, by what only its own p would confirm, to nothing.
        cells = sweep()
        best = max(compute_effects(cells), key=lambda effect: effect.mean).point
        fresh = cells["phase"].eq("confirm") & cells["point"].ne("baseline")
        cells.loc[fresh & cells["point"].ne(best), "metric.val_acc"] += np.array([0.1, 0, -0.1])
        cells.loc[fresh & cells["point"].eq(best), "metric.val_acc"] += np.array([1, 0, -1]) * step / 1000
        effect = next(effect for effect in compute_effects(cells) if effect.point == best)
        verdict = claims.rows([cells.assign(baseline="baseline")])[-1].verdict
        assert verdict == ("looks confirmed" if effect.adjusted < ERROR else "undecided")
        seen.add((verdict, effect.p < ERROR))
    assert ("undecided", True) in seen
    assert ("looks confirmed", True) in seen


def test_what_a_search_found_counts_where_it_was_confirmed() -> None:
    (row,) = measured("sweep", number=8)
    assert row.startswith("best confirmed, width=")
    assert row.endswith(" to the baseline, n = 3 and 3; the baseline is not the article's own settings")
    cells = sweep().assign(baseline="baseline")
    assert claims.rows([cells])[-1].measured.endswith(" to the baseline, n = 3 and 3")
    searched = claims.rows([cells[cells["phase"] == "search"]])
    assert searched[-1].measured == claims.NOT_RUN


def test_several_studies_stand_below_each_other(tmp_path: Path) -> None:
    first, second = csv(table(), tmp_path / "a.csv"), csv(table(QUICK[:3]).assign(study="other"), tmp_path / "b.csv")
    made = claims.compose(Source(str(first), tmp_path), more=[str(second)])
    assert made.study == "synthetic"
    text = str(made.made)
    assert text.splitlines()[2] == made.answer
    assert made.answer.startswith("Of the eight claims, at the fidelity that was tried: ")
    lines = [line for line in text.splitlines() if line.startswith("| 1 |") or line.startswith("|  |")]
    assert "| synthetic | 6 × 4,000 |" in lines[0]
    assert "| other | 6 × 4,000 |" in lines[1]
    assert "- other: 6 epochs on 4,000 training examples, measured on 2,000 validation examples" in text
    assert "except mask=0 conv_depth=4 width=16 pooling=global_max" in text


def test_a_mixture_is_said_of_its_study(tmp_path: Path) -> None:
    cells = table()
    cells.loc[cells["seed"] == 1, "device"] = "gpu"
    text = str(claims.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path)).made)
    assert "; Not all" not in text
    assert ". Not all ran alike: device cpu, gpu\n" in text


def test_what_was_revised_and_how_often_the_test_was_opened_is_said_of_its_study(tmp_path: Path) -> None:
    cells = table().assign(revised="after 18 results: margin none → 0.1", test_openings=2)
    text = str(claims.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path)).made)
    assert "made by results. The test split was opened 2 times so far\n" in text
    assert ". Revised after 18 results: margin none → 0.1: no p" in text


def test_the_command_prints_the_table_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(table(), tmp_path / "quick.csv")
    assert claims.SCRIPT.main([str(path), str(path), "--out", str(tmp_path / "c.md")]) == 0
    printed = capsys.readouterr().out
    assert printed == f"{(tmp_path / 'c.md').read_text()}\n{tmp_path / 'c.md'}\n"
    assert claims.SCRIPT.main([str(path), str(path)]) == 0
    assert (tmp_path / "quick-claims-quick.md").exists()


def test_another_task_is_refused(tmp_path: Path) -> None:
    path = csv(table().assign(task="handwritten"), tmp_path / "t.csv")
    with pytest.raises(FigureError, match="no study of the article's task"):
        claims.compose(Source(str(path), tmp_path))


def test_the_reader_is_measured_on_the_studys_codes(asked: list[Settings]) -> None:
    (row,) = measured("quick", number=7)
    assert row == f"the reader: val_acc 0.990 of {article.COUNT} codes"
    assert (asked[0]["mask"], asked[0]["conv_depth"], asked[0]["batch_norm"]) == (0, 4, True)
    assert article.measured_ceiling(table().assign(objective="val_loss")) is None


def test_a_claim_holds_only_if_no_measurement_says_otherwise() -> None:
    def row(number: int, verdict: ClaimVerdict) -> claims.Row:
        return claims.Row(number=number, claim=claims.CLAIMS[0], verdict=verdict)

    rows = [
        row(1, "confirmed"),
        row(1, ""),
        row(2, "confirmed"),
        row(2, "contradicted"),
        row(3, ""),
        row(4, "confounded"),
        row(5, "looks confirmed"),
        row(5, "confirmed"),
        row(6, "looks contradicted"),
        row(7, "looks confirmed"),
        row(7, "contradicted"),
        row(8, "not tested at this fidelity"),
    ]
    assert claims.answer(rows) == (
        "Of the eight claims, at the fidelity that was tried: confirmed: 1, 5; looks contradicted: 6; "
        "undecided or depends: 2, 4, 7; not tested: 3, 8."
    )


@pytest.mark.parametrize(
    ("seeds", "verdict"), [(1, "too few seeds"), (2, "too few seeds"), (3, "looks confirmed"), (5, "confirmed")]
)
def test_few_seeds_confirm_nothing_for_sure(seeds: int, verdict: str) -> None:
    cells = table(seeds=seeds)
    cells.loc[cells["point"] == "pooling=flatten", "metric.val_acc"] += 0.3
    (row,) = [row for row in claims.rows([cells]) if row.number == 5]
    assert row.verdict == verdict


def test_seeds_that_did_not_learn_are_counted_in_their_row() -> None:
    cells = table(seeds=5)
    failed = (cells["point"] == "pooling=flatten") & (cells["seed"] < 2)
    cells.loc[failed, "metric.val_acc"] = 0.1
    (row,) = [row for row in claims.rows([cells]) if row.number == 5]
    assert row.measured.endswith(", n = 5 and 5, learned 3 of 5 and 5 of 5")


def test_a_study_is_told_once_and_its_name_breaks_no_table(tmp_path: Path) -> None:
    first = csv(table().assign(study="a\nb"), tmp_path / "a.csv")
    text = str(claims.compose(Source(str(first), tmp_path), more=[str(first)]).made)
    assert "a b, a b" not in text
    assert text.count("epochs on") == 2  # Once in the explanation.
    assert all(line.count(" | ") == 6 for line in text.splitlines() if line.startswith("|") and "---" not in line)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"baseline": ""}, "column baseline: '' is no baseline of the task qr_digits"),
        ({"baseline": "foo=3"}, "column baseline: 'foo=3' is no baseline of the task qr_digits"),
        ({"baseline": "conv_depth=banana"}, "'banana' is no level of conv_depth"),
        ({"metric.val_acc": 75.0}, "val_acc is a share, from 0 to 1, and goes up to 75 here"),
    ],
)
def test_a_damaged_table_is_refused(changed: dict[str, Any], problem: str, tmp_path: Path) -> None:
    cells = table()
    for name, value in changed.items():
        cells[name] = value
    with pytest.raises(FigureError, match=problem):
        claims.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))


def test_all_rows_are_one_family() -> None:
    rows = claims.rows([table(), grid(), table(seeds=4).assign(study="other")])
    tested = [row for row in rows if row.p is not None and row.p == row.p]
    adjusted = holm([row.p for row in tested if row.p is not None])
    assert len(tested) > 4
    for row, p in zip(tested, adjusted, strict=True):
        assert (row.verdict == "undecided") if p >= ERROR else (row.verdict in (*HEDGED, *HEDGED.values()))


@pytest.mark.slow
def test_many_claims_without_any_effect_seldom_give_a_wrong_word() -> None:
    random, wrong, studies = np.random.default_rng(2), 0, 60
    for _ in range(studies):
        cells = table(seeds=5)
        cells["metric.val_acc"] = 0.3 + 0.01 * random.normal(size=len(cells))
        verdicts = {row.verdict for row in claims.rows([cells]) if row.p is not None}
        wrong += bool(verdicts - {"undecided"})
    assert wrong <= 0.05 * studies + 3 * np.sqrt(0.05 * 0.95 * studies)


def test_one_network_cannot_contradict_that_some_network_is_enough() -> None:
    cells = table([{}, {"trunk": "dense"}], base={"trunk": "conv"}, seeds=5).assign(
        epochs=30, train_examples=30_000, baseline="baseline"
    )
    cells.loc[cells["point"] == "trunk=dense", "metric.val_acc"] -= 0.2
    assert {row.verdict for row in claims.rows([cells]) if row.number == 6} == {"undecided"}
