"""The progress of a run in a notebook: one output that is drawn anew."""

import sys
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from study.engines.engine import Epoch, Finished
from study.running import notebook_progress
from study.running.notebook_progress import NotebookProgress, notebook
from tests.running.test_progress import CONFIG, TRIAL, progress
from tests.trial_functions import fail, succeed


class Display:
    """IPython's display module, as far as it is used."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, content: dict[str, str], *, raw: bool, display_id: bool) -> "Display":
        assert raw
        assert display_id
        self.shown.append(content)
        return self

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(content)


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Display:
    monkeypatch.setattr(notebook_progress, "_SECONDS_BETWEEN", 0.0)
    return Display()


def test_a_bar_shows_the_share_the_best_and_the_running_cells(display: Display) -> None:
    with NotebookProgress(progress(Console(quiet=True)), display) as shown:
        shown.started(TRIAL)
        shown.received(TRIAL, Epoch(7, 1, {"val_acc": 0.25}))
        running = display.shown[-1]["text/html"]
        shown.received(TRIAL, Finished(7, result := replace(succeed(CONFIG), seconds=4.0)))
    assert "value='0.0278' max='1'" in running  # A third of one of twelve cells.
    assert "depth=4, seed 0</td>" in running
    assert "epoch 1/3  val_acc 0.250</td>" in running
    end = display.shown[-1]
    assert "value='0.0833' max='1'" in end["text/html"]
    best = f"1 of 12 cells;  best {result.metrics['val_acc']:.3f} (depth=4), about 22 s left"
    assert best in end["text/html"]
    assert end["text/plain"] == best
    assert "seed 0" not in end["text/html"]


def test_cells_that_did_not_complete_are_listed_with_their_reason(display: Display) -> None:
    with NotebookProgress(progress(Console(quiet=True)), display) as shown:
        for number in range(12):
            trial = replace(TRIAL, number=number, point=f"depth=<{number}>")
            shown.started(trial)
            shown.received(trial, Finished(number, fail(CONFIG)))
    page = display.shown[-1]["text/html"]
    assert "depth=&lt;1&gt;," not in page
    assert "<br>depth=&lt;11&gt;, seed 0: failed: ValueError: no luck</div>" in page
    assert page.count("no luck") == 10


def test_messages_in_quick_succession_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_progress, "_SECONDS_BETWEEN", 1000.0)
    display = Display()
    with NotebookProgress(progress(Console(quiet=True)), display) as shown:
        shown.started(TRIAL)
        for epoch in range(1, 100):
            shown.received(TRIAL, Epoch(7, epoch, {"val_acc": 0.25}))
    assert len(display.shown) == 3  # At the beginning, at the first message, and at the end.


@pytest.mark.parametrize(("shell", "is_notebook"), [({"kernel": 1}, True), ({}, False)])
def test_a_kernel_is_a_notebook_and_a_terminal_is_none(
    shell: dict[str, Any], is_notebook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ipython: Any = ModuleType("IPython")
    ipython.get_ipython, ipython.display = (lambda: SimpleNamespace(**shell)), Display()
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert (notebook() is ipython.display) is is_notebook
    monkeypatch.delitem(sys.modules, "IPython")
    assert notebook() is None
