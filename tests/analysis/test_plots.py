"""Figures in Python: `load_study(NAME).plot.depth()` returns Matplotlib's Figure."""

from pathlib import Path

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from analysis.drawing.style import STYLED
from analysis.plots import Plots
from study.errors import StudyError
from study.results import load_study
from study.space.search_space import SearchSpace
from tests.ledger.test_tables import store_of
from tests.toy_task import DEPTH
from tests.trial_functions import space


@pytest.fixture
def plots(tmp_path: Path) -> Plots:
    return load_study("played", store=store_of(tmp_path, played())).plot


def played() -> SearchSpace:
    return space(DEPTH)


def test_a_study_draws_itself(plots: Plots) -> None:
    figure = plots.factors()
    assert isinstance(figure, Figure)
    assert figure.texts[0].get_text().startswith("How does validation accuracy depend on depth?")
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_metric_style_and_words_are_chosen(plots: Plots) -> None:
    figure = plots.curves(metric="loss", style="dark", title=False, caption=False)
    assert figure.axes[0].get_ylabel() == "training loss"
    assert to_hex(figure.get_facecolor()) == STYLED["dark"].ground
    assert figure.texts == []


def test_a_figure_that_is_none_is_named_and_one_that_does_not_suit_says_why(plots: Plots) -> None:
    assert "depth" in dir(plots)
    with pytest.raises(AttributeError, match="no figure 'dept'; there are ablation, confusion"):
        plots.dept()
    with pytest.raises(StudyError, match="conv_depth has no two levels"):
        plots.depth()
    with pytest.raises(StudyError, match="takes no --factr"):
        plots.factors(factr="depth")
