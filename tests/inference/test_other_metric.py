"""Another metric in the objective's place: its direction, and no margin."""

import pytest

from study.errors import InferenceError
from study.inference.cell_table import declared, declared_chance, objective
from study.inference.other_metric import usual_direction, with_metric
from tests.analysis.synthetic_tables import table


@pytest.mark.parametrize("metric", ["loss", "val_loss", "val_mae", "val_mean_absolute_error", "val_rmse", "val_LOSS"])
def test_less_of_a_loss_or_an_error_is_better(metric: str) -> None:
    assert usual_direction(metric) == "minimize"


@pytest.mark.parametrize("metric", ["val_acc", "val_digit_1_acc", "auc", "val_precision", "val_f1", "glossiness"])
def test_more_of_any_other_metric_is_better(metric: str) -> None:
    assert usual_direction(metric) == "maximize"


def test_it_takes_the_objectives_place_without_its_margin() -> None:
    cells = with_metric(table().assign(margin=0.02, paired=True), "val_loss")
    assert objective(cells) == "metric.val_loss"
    assert declared(cells) == ("paired", None, -1, ())


def test_looks_and_chance_are_the_objectives() -> None:
    cells = with_metric(table().assign(looks="5 8", chance=0.1), "val_loss")
    assert (declared(cells).looks, declared_chance(cells)) == ((), None)


def test_the_objective_itself_changes_nothing() -> None:
    cells = table(direction="minimize").assign(margin=0.02)
    assert with_metric(cells, "val_acc") is cells


def test_a_metric_that_is_not_there_is_refused() -> None:
    with pytest.raises(InferenceError, match=r"no metric 'val_los'; did you mean 'val_loss'\?"):
        with_metric(table(), "val_los")
