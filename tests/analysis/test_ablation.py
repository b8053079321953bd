"""The ablation's plot: a row a change, every seed's difference, Welch's interval."""

from pathlib import Path
from typing import get_args

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis import ablation
from analysis.drawing.source import FigureError, Source
from study.inference.verdict import verdict_text
from study.inference.verdict_rule import Verdict
from tests.analysis.synthetic_tables import QUICK, axes, bars, csv, dots, grid, sweep, table
from tests.conftest import ROOT


def names(ax: Axes) -> list[str]:
    return [label.get_text().replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ") for label in ax.get_yticklabels()]


def test_every_seed_stands_at_its_difference_from_the_baselines_mean() -> None:
    cells = table()
    ax = ablation.draw(cells, ax=axes())
    reference = cells.loc[cells["point"] == "baseline", "metric.val_acc"].mean()
    order = [*(effect.point for effect in ablation.ranked(cells)), "baseline"]
    expected = [(v - reference, order.index(p)) for p, v in zip(cells["point"], cells["metric.val_acc"], strict=True)]
    assert sorted(dots(ax)) == [pytest.approx(place) for place in sorted(expected)]


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_rows_begin_with_what_helps_most(direction: str) -> None:
    differences = [effect.difference for effect in ablation.ranked(table(direction=direction))]
    assert differences == sorted(differences, reverse=direction == "maximize")


def test_bars_and_words_are_the_effects() -> None:
    cells = table()
    ax = ablation.draw(cells, ax=axes())
    effects = ablation.ranked(cells)
    drawn = bars(ax)
    for row, effect in enumerate(effects):
        joint, alone = drawn[2 * row : 2 * row + 2]
        assert joint == pytest.approx((effect.joint_low, row, effect.joint_high, row))
        assert alone == pytest.approx((effect.low, row, effect.high, row))
        signed = f"{effect.difference:+.3f}".replace("-", "−")
        assert ax.texts[row].get_text() == f"{signed}  {verdict_text(effect)}"
    low, high = ax.get_xlim()
    assert low < min(effect.joint_low for effect in effects) < max(effect.joint_high for effect in effects) < high


def test_a_change_is_named_with_both_its_levels() -> None:
    assert names(ablation.draw(table(), ax=axes())) == [
        "pooling: global max → flatten",
        "pooling: global max → global average",
        "trunk width: 16 → 8",
        "trunk depth: 4 → 7",
        "trunk depth: 4 → 2",
        "baseline",
    ]
    joint = [name for name in names(ablation.draw(grid(), ax=axes())) if "," in name]
    assert "trunk depth: 2, pooling: flatten" in joint


def test_colour_and_shape_are_the_verdict() -> None:
    cells = table(states={("width=8", 0): "failed", ("width=8", 1): "failed"}, seeds=5)
    ax = ablation.draw(cells, ax=axes())
    drawn = {line.get_ydata()[0]: line for line in ax.lines if str(line.get_marker()) in "^vsox"}  # type: ignore[index]
    for row, effect in enumerate(ablation.ranked(cells)):
        look = ablation.look_of(effect.verdict)
        assert (drawn[row].get_color(), drawn[row].get_marker()) == (look.colour, look.marker)
    looks = [ablation.look_of(verdict) for verdict in get_args(Verdict)]
    assert len({(look.marker, look.filled) for look in looks}) == len(looks)


def test_a_key_names_each_verdict_that_is_there(tmp_path: Path) -> None:
    made = ablation.compose(Source(str(ROOT / "tests/samples/ablation_of_five_seeds.csv"), tmp_path))
    legend = made.figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        *("hurts", "no difference", "undecided"),
        *("95 %, this one alone", "all 11 at once"),
    ]
    assert "undecided (16 seeds)" in made.figure.axes[0].texts[1].get_text()


@pytest.mark.parametrize(("direction", "side"), [("maximize", "right"), ("minimize", "left")])
def test_the_axis_says_which_side_is_better(direction: str, side: str) -> None:
    ax = ablation.draw(table(direction=direction), ax=axes())
    assert ax.get_xlabel().endswith(f"validation accuracy; further {side} is better")


def test_a_search_shows_what_it_confirmed(tmp_path: Path) -> None:
    cells = sweep()
    made = ablation.compose(Source(str(csv(cells, tmp_path / "s.csv")), tmp_path))
    assert len(dots(made.figure.axes[0])) == 9
    assert "17 cells of the search itself" in made.details


def test_a_search_that_confirmed_nothing_is_refused(tmp_path: Path) -> None:
    cells = sweep()
    path = csv(cells[cells["phase"] == "search"], tmp_path / "s.csv")
    with pytest.raises(FigureError, match="no change"):
        ablation.compose(Source(str(path), tmp_path))


def test_the_caption_names_the_method_and_the_number_of_comparisons(tmp_path: Path) -> None:
    cells = table(states={("width=8", 0): "pruned"})
    made = ablation.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    caption = made.details
    alone = f"each alone; thin bars: those of all {len(QUICK) - 1} at once"
    assert f"95 % intervals by Welch's t, because variances may differ, {alone}" in caption
    assert "margin" not in caption
    assert "Left out: 1 pruned." in caption


def test_a_declared_margin_is_shaded_and_named(tmp_path: Path) -> None:
    made = ablation.compose(Source(str(csv(table().assign(margin=0.02), tmp_path / "t.csv")), tmp_path))
    assert "grey: the margin, ±0.02" in made.details
    (band,) = made.figure.axes[0].patches
    assert isinstance(band, Rectangle)
    assert (band.get_x(), band.get_width()) == pytest.approx((-0.02, 0.04))


def test_single_seeds_are_drawn_without_intervals() -> None:
    ax = ablation.draw(table(seeds=1), ax=axes())
    assert len(dots(ax)) == len(QUICK)
    assert bars(ax) == []
    assert all("no test: 1 seed" in text.get_text() for text in ax.texts)


def test_of_very_many_changes_the_best_and_the_worst_have_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation, "MOST_ROWS", 4)
    cells = table()
    effects = ablation.ranked(cells)
    assert ablation.drawn(effects) == [*effects[:2], *effects[-2:]]
    assert len(names(ablation.draw(cells, ax=axes()))) == 5
    made = ablation.compose(Source(str(csv(cells, tmp_path / "t.csv")), tmp_path))
    assert "Not shown: 1 change between the best and the worst 2." in made.caption


def test_a_long_verdict_is_folded_after_a_comma() -> None:
    cells = table(states={("width=8", 0): "diverged", ("baseline", 1): "failed"}, seeds=5)
    (effect,) = [one for one in ablation.ranked(cells) if one.point == "width=8"]
    shown = next(text.get_text() for text in ablation.draw(cells, ax=axes()).texts if "diverged" in text.get_text())
    number, verdict = shown.split(None, 1)
    lines = [line.strip(ablation.NUMBER_SPACE) for line in verdict.splitlines()]
    assert float(number.replace("−", "-")) == pytest.approx(effect.difference, abs=5e-4)
    assert " ".join(lines) == verdict_text(effect)
    assert len(lines) > 1
    assert all(line.endswith(",") for line in lines[:-1])
