"""The article's task: which studies train it, what their baseline is, and what the rule-based reader reads."""

import pytest

from analysis import article
from study.task import Settings
from study.tasks.qr_digits import SETTINGS, codes
from tests.analysis.synthetic_tables import table


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Settings, int]]:
    """What the rule-based reader was asked to read. It reads 0.97 of the digits and 0.8 of the numbers."""
    asked: list[tuple[Settings, int]] = []

    def ceiling(settings: Settings, count: int) -> tuple[float, float]:
        asked.append((settings, count))
        return 0.97, 0.8

    monkeypatch.setattr(codes, "ceiling", ceiling)
    return asked


def test_a_study_is_of_the_task_if_its_table_says_so() -> None:
    cells = table()
    assert article.is_its_task(cells)
    assert not article.is_its_task(cells.assign(task="handwritten"))
    # An export of an earlier version.
    assert not article.is_its_task(cells.drop(columns="task"))
    assert not article.is_its_task(cells.drop(columns="baseline"))


def test_the_baseline_has_a_level_for_every_setting() -> None:
    levels = article.baseline_levels(table().assign(baseline="conv_depth=4 batch_norm=false"))
    assert levels.keys() == SETTINGS.keys()
    assert (levels["conv_depth"], levels["batch_norm"]) == ("4", "false")
    defaults = article.baseline_levels(table().assign(baseline="baseline"))
    assert {name for name in levels if levels[name] != defaults[name]} == {"conv_depth", "batch_norm"}


def test_undamaged_codes_are_all_read_without_a_measurement(asked: list[tuple[Settings, int]]) -> None:
    assert article.ceiling(table()) == 1
    assert asked == []
    assert article.measured_ceiling(table()) == 0.97
    assert asked[0][1] == article.COUNT


@pytest.mark.parametrize(("objective", "share"), [("val_acc", 0.97), ("val_number_acc", 0.8), ("val_loss", None)])
def test_damaged_codes_are_measured_by_the_studys_metric(
    objective: str, share: float | None, asked: list[tuple[Settings, int]]
) -> None:
    assert article.ceiling(table().assign(objective=objective), damage="0.1") == share
    assert [settings["damage"] for settings, _ in asked] == [0.1] * (share is not None)


def test_the_reader_gets_the_levels_as_the_task_has_them(asked: list[tuple[Settings, int]]) -> None:
    article.measured_ceiling(table().assign(baseline="mask=3 coordinates=true pooling=flatten"), damage="0.05")
    ((settings, _),) = asked
    wanted = {"mask": 3, "coordinates": True, "pooling": "flatten", "damage": 0.05}
    assert {name: settings[name] for name in wanted} == wanted
