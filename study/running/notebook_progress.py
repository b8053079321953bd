"""The progress of a run in a notebook: a bar and a line for each running cell, in one output that is drawn anew."""

import html
import sys
import time
from collections import deque
from typing import Any

from study.engines.engine import Finished, Message
from study.ledger.cell import Trial
from study.running.progress import Progress

_SECONDS_BETWEEN = 0.25
"""A drawing is a message to the browser. More of them would only fill the notebook's queue."""
_MOST_NOTES = 10
_CELL = "<td style='text-align:left;padding-right:1.5em'>"


def notebook() -> Any | None:
    """Returns IPython's display module if this process is the kernel of a notebook, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return ipython.display if ipython and getattr(shell, "kernel", None) is not None else None


class NotebookProgress:
    """Shows a run's progress in the output of the notebook's cell. `display` is IPython's display module."""

    def __init__(self, progress: Progress, display: Any) -> None:
        self._progress = progress
        self._display = display
        self._handle: Any = None
        self._notes: deque[str] = deque(maxlen=_MOST_NOTES)
        """The last cells that did not complete, each with the reason."""
        self._drawn = 0.0

    def __enter__(self) -> "NotebookProgress":
        self._handle = self._display.display(self._content(), raw=True, display_id=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._draw()

    def started(self, trial: Trial) -> None:
        """A trial was given to a worker."""
        self._progress.started(trial)
        self._draw_soon()

    def received(self, trial: Trial, message: Message) -> None:
        """A message came from the trial's worker."""
        self._progress.received(trial, message)
        if isinstance(message, Finished) and message.result.state != "complete":
            result = message.result
            self._notes.append(f"{trial.point}, seed {trial.config.seed}: {result.state}: {result.reason}")
        self._draw_soon()

    def _draw_soon(self) -> None:
        if time.monotonic() - self._drawn >= _SECONDS_BETWEEN:
            self._draw()

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if self._handle is not None:
            self._handle.update(self._content(), raw=True)

    def _content(self) -> dict[str, str]:
        """Returns the progress as a page, and as a text if the page cannot be shown."""
        heading, rows = self._progress.heading(), self._progress.running()
        bar = f"<progress value='{self._progress.share:.4f}' max='1' style='width:20em'></progress>"
        table = "".join(f"<tr>{''.join(f'{_CELL}{html.escape(text)}</td>' for text in row)}</tr>" for row in rows)
        notes = "".join(f"<br>{html.escape(note)}" for note in self._notes)
        page = f"<div>{bar} {html.escape(heading)}<table>{table}</table>{notes.removeprefix('<br>')}</div>"
        return {"text/plain": "\n".join([heading, *self._notes]), "text/html": page}
