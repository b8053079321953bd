"""The tables of results that commands print."""

import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from study.cli.tables import curve_table, effects_table, final_table, summary_table, terms_table
from study.inference import factorial
from study.inference.effects import Effect, compute_effects, summary
from study.space.objective import Objective
from study.text_table import TextTable
from tests.analysis import synthetic_tables

EFFECT = Effect(
    point="width=8", mean=0.5, difference=-0.25, low=-0.5, high=0.125, joint_low=-0.75, joint_high=0.25, p=0.25,
    adjusted=0.5, verdict="undecided", within=False, deciding=40.0, seeds=3, baseline_seeds=3, tested=3, left_out=1,
)  # fmt: skip


def lines(table: TextTable) -> list[str]:
    """The lines of a table, with single spaces."""
    Console(file=(out := io.StringIO()), width=240).print(table)
    return [" ".join(line.split()) for line in out.getvalue().splitlines()]


def test_a_summary_has_a_row_a_point_and_no_difference_at_the_baseline() -> None:
    rows = summary(synthetic_tables.table([{}, {"width": 8}]))
    head, baseline, width = lines(summary_table(rows, Objective("val_acc", "maximize")))
    assert head == "point seeds val_acc 95 % interval difference 95 % interval parameters seconds"
    assert baseline == f"baseline 3 {rows[0].mean:.3f} {rows[0].low:.3f} to {rows[0].high:.3f} 4,000 35"
    assert width.startswith(f"width=8 3 {rows[1].mean:.3f}")
    assert f"{rows[1].difference:+.3f}".replace("-", "−") in width


def test_losses_of_a_millionth_have_digits_in_every_table() -> None:
    cells = synthetic_tables.table([{}, {"width": 8}])
    small = cells.assign(**{"metric.val_acc": cells["metric.val_acc"].astype(float) * 1e-6})
    rows = summary(small)
    _, baseline, width = lines(summary_table(rows, Objective("val_acc", "maximize")))
    assert float(baseline.split()[2].replace("−", "-")) == pytest.approx(rows[0].mean, rel=0.01)
    assert "0.000" not in baseline + width
    effect = compute_effects(small)[0]
    row = lines(effects_table([effect], "val_acc", (rows[0].mean, 3), {"width=8": "16 → 8"}))[2]
    low, high = (float(text.replace("−", "-")) for text in (row.split()[6], row.split()[8]))
    assert (low, high) == pytest.approx((effect.low, effect.high), rel=0.1)


def verdict(**values: object) -> str:
    """The verdict's column of one effect's row."""
    row = replace(EFFECT, **values)  # type: ignore[arg-type]
    return lines(effects_table([row], "val_acc", (0.75, 3), {"width=8": "16 → 8"}))[2]


def test_an_effect_is_a_row_below_the_baseline() -> None:
    head, baseline, effect = lines(effects_table([EFFECT], "val_acc", (0.75, 3), {"width=8": "16 → 8"}))
    assert head.startswith("variant change val_acc difference 95 % interval of all at once adjusted p verdict")
    assert baseline == "baseline 0.750 3"
    assert effect == ("width=8 16 → 8 0.500 −0.250 −0.500 to +0.125 −0.750 to +0.250 0.500 undecided (40 seeds) 3 1")


def test_every_verdict_has_its_words() -> None:
    assert " undecided (over 1,000 seeds) " in verdict(deciding=math.inf)
    assert " no test: 1 seed " in verdict(p=math.nan, tested=1)
    assert " undecided (no seed differs) " in verdict(low=math.nan, high=math.nan)
    assert " worse, within the margin " in verdict(verdict="worse", within=True)
    assert " no difference 3 " in verdict(verdict="no difference", within=True)
    assert " confounded 3 " in verdict(verdict="confounded")
    assert " < 0.001 " in verdict(adjusted=0.0001)


def test_a_grid_has_a_row_a_term() -> None:
    terms = factorial.terms(synthetic_tables.grid())
    head, *rows = lines(terms_table(terms))
    assert head == "effect over difference 95 % interval adjusted p"
    assert rows[0].startswith(f"{terms[0].name} {terms[0].over} of {terms[0].planned} ")
    assert len(rows) == len(terms)
    broken = replace(terms[0], problem="has one seed", adjusted=math.nan)
    assert lines(terms_table([broken]))[1].endswith("has one seed")


def test_a_curve_has_a_row_an_epoch_with_the_losses_and_the_objective() -> None:
    curve = [{"loss": 1.0, "val_loss": 2.0, "acc": 0.25, "val_acc": 0.5, "other": 9.0}, {
        "loss": 0.5, "val_loss": 1.0, "acc": 0.5, "val_acc": 0.75, "other": 9.0}]  # fmt: skip
    assert lines(curve_table(curve, "val_acc")) == [
        "epoch loss val_loss acc val_acc",
        "1 1.0000 2.0000 0.2500 0.5000",
        "2 0.5000 1.0000 0.5000 0.7500",
    ]


def test_final_metrics_stand_by_split() -> None:
    metrics = {"acc": 0.5, "val_acc": 0.25, "rate": 1.0}
    assert lines(final_table(metrics)) == [
        "after the last epoch training validation", "acc 0.5000 0.2500", "rate 1.0000"
    ]  # fmt: skip
    assert lines(final_table(metrics, {"acc": 0.125}))[:2] == [
        "after the last epoch training validation test", "acc 0.5000 0.2500 0.1250"
    ]  # fmt: skip


LONG = [
    "conv_depth=7 pooling=global_average coordinates=true optimizer=adamw learning_rate=0.0003",
    "a_factor_with_a_name_of_more_than_thirty_letters=a_level_that_is_as_long_as_its_factor",
    "width=8",
]
VERDICTS: list[tuple[dict[str, object], str]] = [
    ({"deciding": math.inf}, "undecided (over 1,000 seeds)"),
    ({"verdict": "hurts", "within": True}, "hurts, within the margin"),
    ({"p": math.nan, "tested": 1}, "no test: 1 seed"),
]


def screen(table: TextTable, width: int) -> list[str]:
    Console(file=(out := io.StringIO()), width=width).print(table, soft_wrap=True)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 240])
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_long_names_and_small_numbers_fit_and_a_verdict_is_never_cut(width: int, scale: float) -> None:
    ends = {name: getattr(EFFECT, name) * scale for name in ("mean", "difference", "low", "high")}
    rows = [
        replace(EFFECT, point=point, **ends, **more)  # type: ignore[arg-type]
        for point, (more, _) in zip(LONG, VERDICTS, strict=True)
    ]
    changes = dict.fromkeys(LONG, "global_max → global_average")
    lines = screen(effects_table(rows, "val_acc", (0.75 * scale, 3), changes), width)
    assert max(map(len, lines)) <= width
    for words in (words for _, words in VERDICTS):
        assert sum(words in line for line in lines) == 1
    assert ("95 % interval" in lines[0]) is (width >= 80 or scale == 1)


def test_colours_tell_what_helps_and_what_hurts() -> None:
    styles = {"helps": "green", "hurts": "red", "undecided": "dim", "confounded": ""}
    rows = [replace(EFFECT, point=verdict, verdict=verdict) for verdict in styles]  # type: ignore[arg-type]
    made = effects_table(rows, "val_acc", (0.75, 3), dict.fromkeys(styles, ""))
    assert {row[0].plain: str(row[7].style) for row in made.rows} == {"baseline": "", **styles}


def test_points_are_called_and_ordered_as_asked_for() -> None:
    rows = summary(synthetic_tables.table([{}, {"width": 8}]))
    names = {"width=8": "width=8", "baseline": "baseline (width=16)"}
    _, first, second = lines(summary_table(rows, Objective("val_acc", "maximize"), names=names))
    assert first.startswith("width=8 3 ")
    assert second.startswith("baseline (width=16) 3 ")
    made = effects_table([EFFECT], "val_acc", (0.75, 3), {"width=8": "16 → 8"}, names=names)
    assert [row[0].plain for row in made.rows] == ["width=8", "baseline (width=16)"]
