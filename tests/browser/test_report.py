"""The report as a reader opens it: from a file, without a network, light and dark, on a screen and on a phone."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from analysis.drawing.source import Source
from study.report.report_file import write_report
from tests.browser.conftest import NAME, PATIENCE
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

Scheme = Literal["light", "dark"]
LARGE = ROOT / "analysis" / "results" / "qr_ablation.csv"
"""A study with many points and long names."""
AXE = {"runOnly": ["wcag2a", "wcag2aa"]}
LIGHTNESS = (
    "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0) / 765"
)
"""How light the page is, from 0 to 1."""
UNFOLD = "document.querySelectorAll('details').forEach(folded => { folded.open = true; })"
IMAGES = "[...document.images].filter(image => image.checkVisibility()).map(image => image.naturalWidth)"
"""The widths of the images that are shown. It is 0 of one that is broken."""


@pytest.fixture(scope="session")
def reports(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of the study that ran, and that of a large one."""
    folder = tmp_path_factory.mktemp("report")
    sources = {NAME: NAME, LARGE.stem: str(LARGE)}
    return {name: write_report(Source(source, store), out=folder / f"{name}.html") for name, source in sources.items()}


def opened(browser: "Browser", report: Path, scheme: Scheme, width: int) -> tuple["Page", list[str]]:
    """The report in a window of this width, all of it unfolded, and what it asked for and complained about."""
    page = browser.new_context(offline=True, color_scheme=scheme, viewport={"width": width, "height": 844}).new_page()
    page.set_default_timeout(PATIENCE)
    heard: list[str] = []
    page.on("request", lambda request: heard.append(request.url))
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.goto(report.as_uri())
    page.evaluate(UNFOLD)
    return page, [line for line in heard if not line.startswith("data:") and line != report.as_uri()]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [NAME, LARGE.stem])
def test_a_report_asks_for_nothing_and_fits_the_window(
    browser: "Browser", reports: dict[str, Path], name: str, scheme: Scheme, width: int
) -> None:
    page, heard = opened(browser, reports[name], scheme, width)
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    lightness = page.evaluate(LIGHTNESS)
    assert lightness > 0.9 if scheme == "light" else lightness < 0.2
    shown = page.evaluate(IMAGES)
    assert len(shown) == page.locator("figure").count()
    assert 0 not in shown
    page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [NAME, LARGE.stem])
def test_everyone_can_read_it(
    browser: "Browser", reports: dict[str, Path], name: str, scheme: Scheme, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="`make browser` brings axe-core")
    page, _ = opened(browser, reports[name], scheme, width)
    found = axe.Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert "color-contrast" in {rule["id"] for rule in found.response["passes"]}
    page.context.close()


def test_it_begins_with_the_answer_of_study_effects_and_is_printed_on_white(
    browser: "Browser", reports: dict[str, Path], effects: list[str]
) -> None:
    page, _ = opened(browser, reports[NAME], "dark", 1280)
    assert page.locator(".answer").inner_text() in " ".join(effects)
    page.emulate_media(media="print")
    assert page.evaluate(LIGHTNESS) == 1
    page.context.close()
