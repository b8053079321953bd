"""The question of a study that has no description."""

import pytest

from study.report.question import question
from tests.analysis.synthetic_tables import Point, grid, sweep, table

DOSE: list[Point] = [{}, *({"conv_depth": depth} for depth in (1, 2, 6))]


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        (table(), "What does each change to the baseline do to val_acc?"),
        (table(DOSE), "How does val_acc depend on conv_depth?"),
        (table([{}]), "Which val_acc does the baseline reach?"),
        (grid(), "How does val_acc depend on conv_depth, pooling and coordinates together?"),
        (sweep(), "Which point of the search space has the best val_acc?"),
    ],
    ids=["ablation", "dose", "one point", "grid", "sweep"],
)
def test_each_kind_of_study_has_its_question(cells: object, asked: str) -> None:
    assert question(cells) == asked  # type: ignore[arg-type]
