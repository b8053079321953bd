"""The damage's plot: cells, means and the rule-based reader, whose share is measured only where codes are damaged."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes

from analysis import article, damage
from analysis.drawing.source import FigureError, Source
from study.task import Settings
from study.tasks.qr_digits import codes
from tests.analysis.synthetic_tables import Point, axes, bars, csv, dots, table

DAMAGED: list[Point] = [{}, {"damage": 0.05}, {"damage": 0.1}]


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def ceiling(settings: Settings, count: int) -> tuple[float, float]:
        assert settings["damage"] != 0, "clean codes need no measurement"
        share = 1 - float(settings["damage"])
        return share, share**6

    monkeypatch.setattr(codes, "ceiling", ceiling)


def line(ax: Axes, label: str) -> list[tuple[float, float]]:
    (match,) = [line for line in ax.lines if line.get_label() == label]
    return list(zip(np.asarray(match.get_xdata(), float), np.asarray(match.get_ydata(), float), strict=True))


def test_damage_is_drawn_beside_the_reader(tmp_path: Path) -> None:
    cells = table(DAMAGED, base={"damage": 0.0})
    ax = damage.draw(cells, ax=axes())
    assert line(ax, "rule-based reader") == [(0, 1), (0.05, 0.95), (0.1, 0.9)]
    assert len(bars(ax)) == 3
    assert len(dots(ax)) == len(cells)
    made = damage.compose(Source(str(csv(cells, tmp_path / "d.csv")), tmp_path))
    assert made.study == "synthetic"
    assert made.title == "What does damage do to validation accuracy?"
    means = cells.groupby("level.damage")["metric.val_acc"].mean()
    assert made.answer == f"From damage 0 to 0.1, validation accuracy goes from {means[0]:.3f} to {means[0.1]:.3f}."
    assert f"was measured on {article.COUNT} of them" in made.details


def test_the_reader_is_measured_by_the_studys_own_metric() -> None:
    cells = table(DAMAGED, base={"damage": 0.0}).assign(objective="val_number_acc")
    shares = [share for _, share in line(damage.draw(cells, ax=axes()), "rule-based reader")]
    assert shares == pytest.approx([1, 0.95**6, 0.9**6])


def test_of_another_task_only_the_cells_are_drawn(tmp_path: Path) -> None:
    cells = table(DAMAGED, base={"damage": 0.0}).assign(task="handwritten")
    assert damage.draw(cells, ax=axes()).get_legend() is None
    made = damage.compose(Source(str(csv(cells, tmp_path / "d.csv")), tmp_path))
    assert "rule-based" not in made.details


def test_a_study_that_does_not_vary_damage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="synthetic: damage has no two levels with complete cells"):
        damage.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))
