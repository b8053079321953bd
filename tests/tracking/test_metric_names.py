"""The names of a study's metrics in MLflow: sections for a task's groups, and the one that counts."""

from dataclasses import replace

import pytest

from study.space.objective import Objective
from study.space.toml_file import read
from study.tracking import metric_names
from study.tracking.metric_names import MetricNames
from tests import toy_task
from tests.conftest import ROOT
from tests.trial_functions import space


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("val_digit_3_acc", "digits/val_digit_3_acc"),
        ("digit_3_acc", "digits/digit_3_acc"),
        ("val_number_acc", "val_number_acc"),
        ("val_acc", "val_acc"),
        ("loss", "loss"),
    ],
)
def test_the_metrics_of_a_group_have_a_section(metric: str, name: str) -> None:
    names = MetricNames.of(read(ROOT / "search_spaces" / "smoke.toml"))
    assert names(metric) == name


def test_an_objective_stays_above_the_sections() -> None:
    asked = read(ROOT / "search_spaces" / "smoke.toml")
    names = MetricNames.of(replace(asked, objectives=(Objective("val_digit_1_acc", "maximize"),)))
    assert [names("val_digit_1_acc"), names("val_digit_2_acc")] == ["val_digit_1_acc", "digits/val_digit_2_acc"]
    assert names.counted == "val_digit_1_acc"


def test_without_its_task_a_study_has_no_sections() -> None:
    names = MetricNames.of(space(reference="./no_such_file.py"))
    assert (names("val_digit_1_acc"), names.counted) == ("val_digit_1_acc", "val_acc")


def test_the_metric_that_counts_is_that_of_the_weights_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MetricNames.of(space()).counted == "val_acc"
    assert MetricNames.of(space(objectives=(Objective("val_acc", "maximize", "best"),))).counted == "best_val_acc"
    assert MetricNames.of(space(objectives=(Objective("parameters", "minimize"),))).counted == "parameters"

    class Restoring(toy_task.Toy):
        def callbacks(self) -> list[object]:
            return []

    monkeypatch.setattr(metric_names, "task_of", lambda space: Restoring())
    assert MetricNames.of(space()).counted == "final_val_acc"


def test_a_group_whose_name_ends_in_s_keeps_it() -> None:
    assert [metric_names._plural(name) for name in ("digit", "class")] == ["digits", "class"]
