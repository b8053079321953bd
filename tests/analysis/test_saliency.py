"""What models look at: the numbers before they are drawn, the panels, and which models are asked."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from analysis import figures, saliency
from analysis.drawing.source import FigureError, Source
from analysis.drawing.style import STYLED
from analysis.saliency import Looks, answer_sentence
from study.ledger.cell import Cell
from study.ledger.ledger import Ledger
from study.results import load_study
from study.space.toml_file import read
from study.tasks.qr_digits.decoder import digit_modules
from study.training.saliency_maps import SaliencyMaps
from tests.analysis.synthetic_tables import axes, csv, table
from tests.conftest import ROOT
from tests.ledger.test_tables import store_of
from tests.toy_task import DEPTH
from tests.trial_functions import space

REGIONS = digit_modules(6)


def maps(*, inside: float) -> np.ndarray:
    """Six maps of codes, of which so much lies in the digit's own modules, and the rest in the first module."""
    made = np.where(REGIONS, inside / 10, 0.0)
    made[:, 0, 0] = 1 - inside
    return made


def looks(point: str = "baseline", *, inside: float = 0.25, **changes: Any) -> Looks:
    cell = Cell(read(ROOT / "search_spaces" / "smoke.toml").config({}, seed=1), point, "")
    given: dict[str, Any] = {"maps": maps(inside=inside), "examples": 9, "probabilities": True, "regions": REGIONS}
    return Looks(point=point, cell=cell, **(given | changes))


def test_the_answer_compares_the_shares_in_the_digits_own_modules() -> None:
    shares = [looks("trunk depth: 2", inside=0.034), looks("trunk depth: 7", inside=0.5)]
    assert answer_sentence(shares) == (
        "Of what an answer depends on, a digit's own modules, 2.3 % of the code, "
        "hold 3.4 % at trunk depth 2 and 50 % at trunk depth 7."
    )


def test_a_model_whose_answers_never_move_depends_on_nothing() -> None:
    assert "hold 25 % at baseline, nothing at a and 25 % at b." in answer_sentence(
        [looks(), looks("a", maps=np.zeros((6, 21, 21))), looks("b")]
    )


def test_without_known_regions_the_answer_is_how_few_pixels_matter() -> None:
    spread, single = np.ones((1, 10, 10)), np.zeros((1, 10, 10))
    single[0, 3, 3] = 1
    both = [looks("a", maps=spread, regions=None), looks("b", maps=single, regions=None)]
    assert (
        answer_sentence(both)
        == "Half of what an answer depends on lies in 50 % of the image at a and 1 % of the image at b."
    )


def test_a_map_is_drawn_with_the_outline_of_its_region() -> None:
    region = np.zeros((3, 4), bool)
    region[1, 2] = True
    image = saliency.draw(np.arange(12.0).reshape(3, 4), region=region, most=22, ax=(ax := axes()))
    assert image.get_array().tolist() == np.arange(12.0).reshape(3, 4).tolist()  # type: ignore[union-attr]
    assert image.get_clim() == (0, 22)
    (outline,) = [one for one in ax.collections if isinstance(one, LineCollection)]
    edges = {tuple(map(tuple, np.sort(edge, axis=0))) for edge in outline.get_segments()}
    assert edges == {
        ((1.5, 0.5), (2.5, 0.5)), ((1.5, 1.5), (2.5, 1.5)), ((1.5, 0.5), (1.5, 1.5)), ((2.5, 0.5), (2.5, 1.5))
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "titles"),
    [(1, [""]), (2, ["answer 1", "answer 2"]), (8, [f"answer {n}" for n in range(1, 9)]), (9, ["mean of 9 answers"])],
)
def test_each_answer_has_a_panel_unless_there_are_many(answers: int, titles: list[str]) -> None:
    one = looks(maps=np.ones((answers, 4, 4)), regions=None)
    assert [title for title, _, _ in one.drawn] == titles


class Pretended:
    """The toy study with models that look where the test says. Notes which cells are asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.store = store_of(folder, space(DEPTH))
        self.made = SaliencyMaps(np.eye(5, dtype=np.float32)[np.newaxis], 9, False)
        monkeypatch.setattr(saliency, "saliency", self.saliency)

    def saliency(self, ledger: Ledger, cell: Cell, *, say: Callable[[str], None]) -> SaliencyMaps:
        self.asked.append(cell.point)
        return self.made

    def source(self) -> Source:
        return Source("played", self.store)


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretended:
    return Pretended(tmp_path, monkeypatch)


def test_a_study_of_images_is_drawn_point_by_point(pretended: Pretended, capsys: pytest.CaptureFixture[str]) -> None:
    made = saliency.SCRIPT.make(pretended.source())
    assert pretended.asked == ["depth=1", "depth=5"]
    assert (
        made.answer
        == "Half of what an answer depends on lies in 12 % of the image at depth 1 and 12 % of the image at depth 5."
    )
    *panels, bar = made.figure.axes
    assert [panel.images[0].get_array().tolist() for panel in panels] == [np.eye(5).tolist()] * 2  # type: ignore[union-attr]
    assert bar.get_ylabel() == "change of the answer"
    assert "one model a point, that of the median seed (" in made.caption
    assert "on 9 validation examples. Each pixel is exchanged for that of another example" in made.caption
    said = capsys.readouterr()
    assert said.err.startswith("asking the models of depth: 1 (seed ")
    assert said.err.endswith("what they look at; 2 must be trained again, which took 1 s\n")
    assert said.out == ""


def test_points_and_a_large_image_are_chosen_in_python(pretended: Pretended) -> None:
    pretended.made = replace(pretended.made, maps=np.ones((9, 64, 40), np.float32), probabilities=True)
    figure = load_study("played", store=pretended.store).plot.saliency(point="depth=3", style="dark")
    assert pretended.asked == ["baseline"]
    panel, bar = figure.axes
    assert panel.get_title(loc="left").strip() == "mean of 9 answers"
    assert bar.get_ylabel() == "share of the probability\nthat moves"
    assert panel.images[0].get_cmap().name == STYLED["dark"].shades
    caption = " ".join(figure.texts[-1].get_text().split())
    assert "Each square of 2 × 2 pixels is exchanged" in caption


def test_a_digit_has_a_panel_and_the_outline_of_its_modules() -> None:
    figure = saliency._figure([looks("a"), looks("b")])
    *panels, _ = figure.axes
    assert [panel.get_title(loc="left").strip() for panel in panels] == [f"digit {n}" for n in range(1, 7)] * 2
    assert all(any(isinstance(one, LineCollection) for one in panel.collections) for panel in panels)
    assert {panel.images[0].get_clim() for panel in panels} == {(0, 0.75)}


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"point": ["depth=2"]}, "no point 'depth=2'; there are depth=1, depth=5"),
        ({"factor": "dept"}, "'dept' has no two levels with complete cells; those that have: depth"),
        ({"points": ["depth=1"]}, "takes no --points"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(how: dict[str, Any], message: str, pretended: Pretended) -> None:
    with pytest.raises(FigureError, match=message) as refused:
        saliency.SCRIPT.make(pretended.source(), **how)
    assert "\n" not in str(refused.value)
    assert pretended.asked == []


def test_a_table_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(FigureError, match="give the name of a study"):
        saliency.compose(Source(str(csv(table(), tmp_path / "t.csv")), tmp_path))


def test_among_all_figures_it_is_drawn_only_if_no_model_must_be_trained(
    pretended: Pretended, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scripts = (saliency.SCRIPT, SimpleNamespace(name="other", draw=lambda source, **how: "other.png"))
    monkeypatch.setattr(figures, "SCRIPTS", scripts)
    figures.draw_all(pretended.source())
    said = capsys.readouterr()
    assert (said.out, pretended.asked) == ("other.png\n", [])
    assert said.err == (
        "not drawn: saliency, because 2 models would be trained again (depth: 1, depth: 5); "
        "`study plot saliency played` draws it\n"
    )
    monkeypatch.setattr(saliency, "has_weights", lambda ledger, cell: True)
    figures.draw_all(pretended.source())
    assert pretended.asked == ["depth=1", "depth=5"]


@pytest.mark.slow
def test_a_trained_network_is_asked(smoke: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    study = load_study("smoke", store=smoke[0])
    best = str(study.best["point"])  # Its weights are in the store.
    made = saliency.SCRIPT.make(Source("smoke", smoke[0]), point=[best])
    assert "trained again" not in capsys.readouterr().err
    assert made.answer.startswith("Of what an answer depends on, a digit's own modules, 2.3 % of the code, hold ")
    *panels, bar = made.figure.axes
    pictures = np.array([panel.images[0].get_array() for panel in panels])
    assert pictures.shape == (6, 21, 21)
    assert (pictures[:, :7, :7] == 0).all()  # A finder pattern is the same in every code.
    assert (pictures.max(axis=(1, 2)) > 0).all()
    assert pictures.max() <= 1
    assert bar.get_ylabel() == "share of the probability\nthat moves"


@pytest.mark.slow
def test_models_without_weights_are_trained_again(
    smoke: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, store = tmp_path / "saliency.png", shutil.copytree(smoke[0], tmp_path / "store")
    assert saliency.SCRIPT.main(["smoke", "--store", str(store), "--factor", "conv_depth", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{out}\n"
    assert "asking the models of trunk depth: 1 (seed " in said.err
    assert "running conv_depth=1, seed " in said.err
    assert out.stat().st_size > 10_000
