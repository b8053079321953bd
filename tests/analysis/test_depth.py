"""What the figures of the built-in task add: the receptive field, the article's values, the reader's ceiling."""

import numpy as np
import pytest
from matplotlib.axes import Axes

from analysis import depth
from study.task import Settings
from study.tasks.qr_digits import codes
from tests.analysis.synthetic_tables import axes, table


def ceiling(settings: Settings, count: int) -> tuple[float, float]:
    assert settings["damage"] != 0, "clean codes need no measurement"
    share = 1 - float(settings["damage"])
    return share, share**6


def line(ax: Axes, label: str) -> list[tuple[float, float]]:
    (match,) = [line for line in ax.lines if str(line.get_label()).startswith(label)]
    return list(zip(np.asarray(match.get_xdata(), float), np.asarray(match.get_ydata(), float), strict=True))


def test_the_field_stands_above_and_ends_at_the_whole_code() -> None:
    ax = depth.draw(table(), ax=axes())
    (above,) = ax.child_axes
    assert list(above.get_xticks()) == [5, 9, 15, 21]
    assert ax.get_xlim()[1] > 10


@pytest.mark.parametrize("setting", ["trunk=dense", "downsampling=stride", "kernel_size=1"])
def test_where_each_convolution_does_not_widen_the_field_alike_there_is_none(setting: str) -> None:
    assert not depth.draw(table().assign(baseline=f"conv_depth=4 {setting}"), ax=axes()).child_axes


def test_the_articles_values_are_marked_as_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    ax = depth.draw(table(), ax=axes())
    assert line(ax, "the article's own") == [(2, 0.5), (7, 0.92)]
    assert "30 epochs on 30,000" in " ".join(ax.get_legend_handles_labels()[1])
    monkeypatch.setattr(codes, "ceiling", ceiling, raising=False)
    damaged = depth.draw(table().assign(baseline="conv_depth=4 damage=0.1"), ax=axes())
    assert [y for _, y in line(damaged, "a rule-based reader: 0.900")] == [0.9, 0.9]


def test_of_another_task_or_objective_only_the_cells_are_drawn() -> None:
    other = depth.draw(table().assign(task="handwritten"), ax=axes())
    assert not other.child_axes
    assert other.get_legend() is None
    losses = depth.draw(table().assign(objective="val_loss"), ax=axes())
    assert losses.child_axes
    assert losses.get_legend() is None
