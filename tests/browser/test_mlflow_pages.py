"""MLflow's pages, from the address that `study ui` prints: what a person sees there without a click."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from study.tracking.connection import connect
from study.tracking.study_views import ALL_RUNS
from study.tracking.study_views import POINTS as BY_POINT
from tests.browser.conftest import NAME

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

VERDICTS = ("helps", "hurts", "looks better", "looks worse", "undecided", "no difference")
LEVELS = ["2", "8", "32"]
POINTS = ["units=2", "baseline", "units=32"]
DOTS = """
([x, y, count]) => {
  const titled = ({_fullLayout: layout}) => layout?.xaxis?.title?.text === x && layout?.yaxis?.title?.text === y;
  const plot = [...document.querySelectorAll('.js-plotly-plot')].find(titled);
  const dots = plot?.data.flatMap(trace => [...trace.x].map((at, place) => [String(at), trace.y[place]]));
  if (dots?.length !== count) return null;
  const box = plot.getBoundingClientRect();
  return {dots, onScreen: box.height > 0 && box.top >= 0 && box.bottom <= innerHeight};
}
"""
"""Returns the dots of the scatter of these axes, once it has as many, and whether all of it is on the first screen."""


def rows(effects: list[str]) -> dict[str, str]:
    """The rows of the table of `study effects`, by their points."""
    heading = next(place for place, line in enumerate(effects) if line.startswith("variant "))
    return {line.split()[0]: line for line in effects[heading + 1 : heading + 1 + len(POINTS)]}


def test_the_first_screen_shows_the_factor_against_the_means_of_study_effects(
    page: "Page", address: str, effects: list[str]
) -> None:
    page.goto(address)
    shown = page.wait_for_function(DOTS, arg=["units", "val_acc", len(LEVELS)]).json_value()
    assert shown["onScreen"]
    dots = dict(shown["dots"])
    assert sorted(dots, key=int) == LEVELS
    for level, point in zip(LEVELS, POINTS, strict=True):
        assert f" {dots[level]:.3f} " in rows(effects)[point]


def test_the_list_beside_it_has_a_group_for_each_point(page: "Page", address: str) -> None:
    page.goto(address)
    for point in POINTS:
        page.get_by_text(f"Group: {point}", exact=True).wait_for()


def test_the_view_of_all_runs_has_parallel_coordinates_and_a_dot_for_each_seed(page: "Page", address: str) -> None:
    page.goto(address.replace(BY_POINT, ALL_RUNS))
    shown = page.wait_for_function(DOTS, arg=["units", "val_acc", 3 * len(LEVELS)]).json_value()
    assert sorted(level for level, _ in shown["dots"]) == sorted(3 * LEVELS)
    page.locator(".parcoords").first.wait_for()


def test_the_description_of_the_parent_run_begins_with_the_answer_and_shows_each_verdict(
    page: "Page", address: str, effects: list[str]
) -> None:
    page.goto(address)
    parent = page.get_by_role("link", name="All verdicts")
    parent.wait_for(state="attached")
    page.goto(urljoin(address, parent.get_attribute("href")))
    answer, _, _ = " ".join(effects).partition("; ")
    page.get_by_text(answer).first.wait_for()
    for point in ("units=2", "units=32"):
        (verdict,) = re.findall("|".join(VERDICTS), rows(effects)[point])
        page.locator("tr", has_text=point).filter(has_text=verdict).first.wait_for(state="attached")


def test_the_page_of_the_winners_model_says_that_it_is_registered(page: "Page", address: str, store: Path) -> None:
    client = connect(store)
    version = client.get_model_version_by_alias(NAME, "best")
    pages, _, _ = address.partition("/runs?")
    (model,) = client.search_logged_models([pages.rpartition("/")[2]])
    page.goto(f"{pages}/models/{model.model_id}?workflowType=machine_learning")
    registered = page.locator(f'a[href*="/models/{NAME}/versions/{version.version}"]').first
    registered.wait_for()
    assert NAME in registered.inner_text()
