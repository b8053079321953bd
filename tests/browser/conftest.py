"""Chromium, a small study that really ran, and MLflow's pages about it. Without Chromium all of these are skipped."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT, study

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAME = "browser_units"
STUDY = Path(__file__).with_name(f"{NAME}.toml")
PACKAGES = ROOT / ".venv" / "browser"
"""Playwright and axe-core, which nothing else needs. `make browser` puts them there."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120_000
"""Milliseconds to wait for a content. On a busy machine MLflow's pages take half a minute."""


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("there is no Chromium: `apt-get install chromium` brings it")
    sys.path.append(str(PACKAGES))
    playwright = pytest.importorskip("playwright.sync_api", reason="there is no Playwright: `make browser` brings it")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "Browser", tmp_path: Path) -> Iterator["Page"]:
    """An empty page, as large as an ordinary window. What it shows in the end is kept as a picture."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE)
    yield page
    page.screenshot(path=tmp_path / "page.png")
    page.close()


@pytest.fixture(scope="session")
def store(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which the study ran as a user runs it. It asks for the browser, because nothing runs without one."""
    store = tmp_path_factory.mktemp("store")
    study("run", str(STUDY), "--store", str(store))
    return store


@pytest.fixture(scope="session")
def effects(store: Path) -> list[str]:
    """The lines that `study effects` prints."""
    return study("effects", NAME, "--store", str(store)).splitlines()


@pytest.fixture(scope="session")
def address(store: Path) -> Iterator[str]:
    """The address that `study ui` prints, while it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "study", "ui", "--port", port, "--store", str(store)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            name, address = server.stdout.readline().split()
            assert name == NAME
            yield address
        finally:
            server.terminate()
