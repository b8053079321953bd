"""The search-space files that are shipped: valid, what their names promise, and as their page says."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from study.space import rules
from study.space.factor import Range
from study.space.objective import Objective
from study.space.points import count_cells, count_points
from study.space.search_space import SearchSpace
from study.space.toml_file import read
from study.task import Fidelity
from tests.conftest import ROOT
from tests.space.toml_texts import levels, written

SHIPPED = sorted((ROOT / "search_spaces").glob("*.toml"))


def shipped(name: str) -> SearchSpace:
    return read(ROOT / "search_spaces" / f"{name}.toml")


def test_the_files_that_are_shipped_are_valid_and_there() -> None:
    names = {read(path).name for path in SHIPPED}
    studies = (
        "quick",
        "depth",
        "depth_matched",
        "ablation",
        "grid",
        "places",
        "sweep",
        "best_small",
        "table",
        "article",
        "precision",
        "widths",
        "claims",
        "claims_places",
    )
    assert names == {*(f"qr_{study}" for study in studies), "smoke"}
    assert {read(path).task for path in SHIPPED} == {"qr_digits"}
    assert {read(path).objective for path in SHIPPED} == {Objective("val_acc", "maximize")}
    assert all(read(path).description for path in SHIPPED)


def test_the_claims_are_measured_around_one_baseline() -> None:
    claims, places = shipped("qr_claims"), shipped("qr_claims_places")
    changed = replace(places, name=claims.name, description=claims.description, design=claims.design)
    assert replace(changed, factors=claims.factors) == claims


def test_the_matched_depth_is_the_depth_at_equal_parameters() -> None:
    plain, matched = shipped("qr_depth"), shipped("qr_depth_matched")
    assert replace(matched, name=plain.name, description=plain.description, match=None) == plain
    assert matched.match is not None
    assert set(matched.match.sizes) == {"baseline", *(f"conv_depth={depth}" for depth in (1, 2, 3, 4, 5, 6, 8, 9))}
    largest = max(matched.match.sizes.values())
    assert largest <= 1.05 * matched.match.sizes["baseline"] == pytest.approx(1.05 * 25_756)


def test_quick_changes_one_thing_at_a_time_around_a_small_baseline() -> None:
    space = shipped("qr_quick")
    assert (space.design.kind, len(space.seeds)) == ("ablation", 3)
    assert levels(space) == {
        "conv_depth": (2, 4, 7),
        "width": (8, 16),
        "pooling": ("global_max", "global_average", "flatten"),
    }
    assert count_cells(space) == 18
    # Adam has no weight decay.
    assert space.training[:3] == ("optimizer", "learning_rate", "schedule")
    assert "weight_decay" in shipped("qr_depth").training
    assert "weight_decay" in shipped("qr_best_small").training  # Its optimizer is a factor.


def test_depth_is_a_dose_of_one_to_nine_convolutions() -> None:
    space = shipped("qr_depth")
    assert space.design.kind == "dose"
    assert levels(space) == {"conv_depth": tuple(range(1, 10))}


def test_ablation_takes_one_part_away_at_a_time() -> None:
    space = shipped("qr_ablation")
    assert space.design.kind == "ablation"
    assert {"wide_layers", "pooling", "downsampling", "batch_norm", "coordinates"} <= set(levels(space))
    assert space.looks == (5, 8, 12, 20)


def test_grid_crosses_depth_pooling_and_coordinates() -> None:
    space = shipped("qr_grid")
    assert space.design.kind == "grid"
    assert levels(space) == {
        "conv_depth": (2, 4, 7),
        "pooling": ("global_max", "flatten"),
        "coordinates": (False, True),
    }
    assert count_points(space) == 12


def test_what_is_compared_across_studies_shares_its_baseline_and_its_budget() -> None:
    depth, grid, ablation, places = (shipped(f"qr_{name}") for name in ("depth", "grid", "ablation", "places"))
    for other in (grid, ablation, places):
        assert (other.fidelity, other.seeds[:5], other.margin) == (depth.fidelity, depth.seeds, depth.margin)
    assert depth.baseline == grid.baseline == ablation.baseline == {**places.baseline, "learning_rate": 3e-3}


def test_precision_changes_nothing_else_at_the_quick_studys_seven_convolutions() -> None:
    space, quick = shipped("qr_precision"), shipped("qr_quick")
    assert levels(space) == {"precision": ("float32", "mixed_bfloat16")}
    assert space.baseline == {**quick.baseline, "conv_depth": 7}
    assert (space.fidelity, space.margin) == (quick.fidelity, 0.02)


def test_widths_cross_the_articles_two_depths_with_width_on_all_of_its_data() -> None:
    space, depth = shipped("qr_widths"), shipped("qr_depth")
    assert space.design.kind == "grid"
    assert levels(space) == {"conv_depth": (7, 2), "width": (8, 16, 32, 64)}
    assert space.baseline == {**depth.baseline, "precision": "mixed_bfloat16", "learning_rate": 1e-3}
    assert space.fidelity.train_examples == shipped("qr_article").fidelity.train_examples


def test_sweep_lets_tpe_choose_depth_width_pooling_and_learning_rate() -> None:
    space = shipped("qr_sweep")
    assert (space.design.kind, space.design.sampler) == ("sweep", "tpe")
    assert set(levels(space)) == {"conv_depth", "width", "pooling", "learning_rate"}
    rate = levels(space)["learning_rate"]
    assert isinstance(rate, Range)
    assert rate.log


def test_article_is_the_tasks_own_default_at_full_size() -> None:
    space = shipped("qr_article")
    assert space.baseline == {**space.defaults, "precision": "mixed_bfloat16"}
    assert space.fidelity == Fidelity(30, 30_000, 10_000)
    # The article's claims: depth beyond two, maps made smaller, position lost in the pooling, a network without maps.
    assert set(levels(space)) == {"conv_depth", "downsampling", "pooling", "trunk", "coordinates"}
    assert levels(space)["conv_depth"] == (2, 4, 7)


def test_smoke_has_enough_cells_and_goes_through_the_designs_parts() -> None:
    space = shipped("smoke")
    assert count_cells(space) >= 8
    assert len(space.factors) >= 2
    assert space.fidelity.epochs * (space.fidelity.train_examples or 0) <= 2_000


def test_the_page_about_the_grammar_is_right(tmp_path: Path) -> None:
    page = (ROOT / "search_spaces" / "README.md").read_text(encoding="utf-8")
    example, match, surgery = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read(written(tmp_path, example)).name == "qr_depth"
    cells = dict(re.findall(r"^\| `(\w+)\.toml` \|.*\| ([\d,]+) \|$", page, re.MULTILINE))
    assert cells == {path.stem: f"{count_cells(read(path)):,}" for path in SHIPPED}
    keys = {key for text in (example, match, surgery) for key in tomllib.loads(text)} | set(
        re.findall(r"`(\w+)`", page)
    )
    assert set(rules.TOP) <= keys
    assert all(f"`design.{key}`" in page for key in ("seed", *rules.SWEEP))
    assert all(f"`{name}`" in page for name in shipped("smoke").defaults)
