"""The ablation's plot: a row a change, every seed's difference, Welch's interval."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from analysis import ablation
from analysis.drawing.source import FigureError, Source
from study.inference.effects import compute_effects
from tests.analysis.synthetic_tables import QUICK, axes, bars, csv, dots, grid, sweep, table


def test_every_seed_stands_at_its_difference_from_the_baselines_mean() -> None:
    cells = table()
    drawn = dots(ablation.draw(cells, ax=axes()))
    reference = cells.loc[cells["point"] == "baseline", "metric.val_acc"].mean()
    rows = {str(point): row for row, point in enumerate(cells["point"].unique())}
    expected = [(v - reference, rows[p]) for p, v in zip(cells["point"], cells["metric.val_acc"], strict=True)]
    assert sorted(drawn) == [pytest.approx(place) for place in sorted(expected)]


def test_bars_and_words_are_the_effects() -> None:
    cells = table()
    ax = ablation.draw(cells, ax=axes())
    effects = compute_effects(cells)
    for row, (effect, (low, y, high, _)) in enumerate(zip(effects, bars(ax), strict=True), start=1):
        assert (low, high, y) == pytest.approx((effect.low, effect.high, row))
    signed = f"{effects[0].difference:+.3f}  ({effects[0].low:+.3f} to {effects[0].high:+.3f})".replace("-", "−")
    assert ax.texts[0].get_text() == f"{signed}  {effects[0].verdict}"
    thin = {tuple(np.asarray(line.get_xdata(), float)) for line in ax.lines}
    assert {(effect.joint_low, effect.joint_high) for effect in effects} <= thin
    names = [label.get_text().replace("\N{NO-BREAK SPACE}", " ") for label in ax.get_yticklabels()]
    assert names[:3] == ["baseline", "trunk depth: 2", "trunk depth: 7"]
    assert names[-1] == "pooling: flatten"


def test_single_changes_come_first_by_factor() -> None:
    ax = ablation.draw(grid(), ax=axes())
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert [name.count(":") for name in names] == [0, *[1] * 4, *[2] * 5, *[3] * 2]
    assert [name.split(":")[0] for name in names[1:4]] == ["trunk\N{NO-BREAK SPACE}depth"] * 2 + ["pooling"]
    assert all(len(line) <= 46 for name in names for line in name.splitlines())


@pytest.mark.parametrize(("direction", "side"), [("maximize", "right"), ("minimize", "left")])
def test_the_axis_says_which_side_is_better(direction: str, side: str) -> None:
    ax = ablation.draw(table(direction=direction), ax=axes())
    assert ax.get_xlabel().endswith(f"validation accuracy (share of digits); further {side} is better")


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
    alone = f"each alone; thin lines: those of all {len(QUICK) - 1} at once"
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
    assert not any("to" in text.get_text() for text in ax.texts)
