"""Importance: a bar for each factor and evaluator, of a sweep or a grid. The caption says that these are no effects."""

from pathlib import Path

import pandas as pd
import pytest

from analysis import importance
from analysis.drawing.source import FigureError, Source
from tests.analysis.synthetic_tables import axes, csv, grid, sweep, table


def test_a_bar_for_each_factor_and_evaluator() -> None:
    ax = importance.draw({"fANOVA": {"width": 0.7, "mask": 0.3}, "PED-ANOVA": {"mask": 0.6, "width": 0.4}}, ax=axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["trunk width", "mask pattern"]
    widths = [patch.get_width() for patch in ax.patches if hasattr(patch, "get_width")]
    assert widths == [0.7, 0.3, 0.4, 0.6]


def test_the_caption_names_the_evaluators_and_says_that_they_tell_no_effect(tmp_path: Path) -> None:
    made = importance.compose(Source(str(csv(sweep(), tmp_path / "s.csv")), tmp_path))
    caption = made.details
    assert "17 complete cells (17 points, 1 seed each)" in caption
    assert "fANOVA (Optuna's)" in caption
    assert "PED-ANOVA (Optuna's)" in caption
    assert importance.NO_EFFECT in caption


def test_without_scikit_learn_one_evaluator_is_left_and_a_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optuna.importance._fanova._fanova as forest

    def absent() -> None:
        raise ImportError("no sklearn")

    monkeypatch.setattr(forest._imports, "check", absent)
    made = importance.compose(Source(str(csv(grid(), tmp_path / "g.csv")), tmp_path))
    assert "fANOVA needs scikit-learn, which is not here" in made.details
    legend = made.figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["PED-ANOVA, values shuffled", "PED-ANOVA"]


def test_an_ablation_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="synthetic: importance needs factors varied together"):
        importance.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))


def test_the_answer_names_the_factor_that_matters_most() -> None:
    shares: importance.Shares = {"fANOVA": {"width": 0.7, "mask": 0.3}, "PED-ANOVA": {"width": 0.6, "mask": 0.4}}
    said = "Validation accuracy depends most on trunk width, 0.70 by fANOVA"
    assert importance.answer(sweep(), shares) == f"{said} and 0.60 by PED-ANOVA."
    other: importance.Shares = {**shares, "PED-ANOVA": {"mask": 0.6, "width": 0.4}}
    assert importance.answer(sweep(), other) == f"{said}; or on mask pattern, 0.60 by PED-ANOVA."
    assert importance.answer(sweep(), {"fANOVA": shares["fANOVA"]}) == f"{said}."


def test_a_table_says_that_its_space_is_guessed(tmp_path: Path) -> None:
    made = importance.compose(Source(str(csv(sweep(), tmp_path / "s.csv")), tmp_path))
    assert importance.GUESSED in made.details


def test_a_share_that_shuffled_values_reach_is_not_called_one() -> None:
    shares: importance.Shares = {"fANOVA": {"width": 0.7, "mask": 0.3}, "PED-ANOVA": {"mask": 0.6, "width": 0.4}}
    alone = importance.answer(sweep(), shares, chance=0.6)
    expected = "0.60 by PED-ANOVA for mask pattern, and shuffled values give up to 0.60."
    assert alone == f"No factor is shown to stand out: {expected}"
    assert "depends most on trunk width" in importance.answer(sweep(), shares, chance=0.59)


def test_a_dashed_line_is_the_share_of_shuffled_values() -> None:
    ax = importance.draw({"PED-ANOVA": {"width": 0.7, "mask": 0.3}}, ax=axes(), chance=0.62)
    assert [list(line.get_xdata()) for line in ax.lines] == [[0.62, 0.62]]  # type: ignore[arg-type]


def test_of_very_many_cells_some_are_drawn_at_random_and_the_caption_says_so(tmp_path: Path) -> None:
    cells = pd.concat([grid().assign(key=f"{turn}", seed=turn) for turn in range(60)])
    made = importance.compose(Source(str(csv(cells, tmp_path / "g.csv")), tmp_path))
    assert "Importance is computed from 2,000 of the cells, drawn at random." in made.details
