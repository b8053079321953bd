"""The far end of an engine on other machines: keeps one worker process on a node, and speaks for it."""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from study.engines.cell_folder import LOG, WEIGHTS
from study.engines.engine import Finished, Message
from study.engines.local import LocalEngine
from study.space.trial import TrialConfig

Said = tuple[list[Message], Mapping[str, bytes]]
"""What a worker says at once, and the files of its cell that shall stay, where the launcher cannot read them."""
_LOG_TAIL = 64_000


class Keeper:
    """The actor: it lives on a node and keeps one worker process there. Each call waits for what that says next."""

    def __init__(self, function: str, environment: Mapping[str, str], timeout: float | None, folder: Path) -> None:
        # A spawned process runs the main file of its parent, which here would import Ray.
        vars(sys.modules["__main__"]).pop("__file__", None)
        with suppress(OSError):
            os.chdir(folder)
        self._engine = LocalEngine(function, environment=environment, timeout=timeout)
        self._own: Path | None = None

    def ready(self) -> Said:
        """Say nothing, and thereby that it lives."""
        return [], {}

    def submit(self, trial: int, config: TrialConfig, folder: Path, own: str) -> Said:
        """Start a trial, in its folder where that is here, else in a folder of this node named `own`."""
        self._own = None if os.access(folder, os.W_OK | os.X_OK) else Path(tempfile.gettempdir(), own)
        self._engine.submit(trial, config, self._own or folder)
        return self.messages()

    def answer(self, trial: int, go_on: bool) -> Said:
        """Answer a Built or an Epoch."""
        self._engine.answer(trial, go_on=go_on)
        return self.messages()

    def messages(self) -> Said:
        """Wait for what the worker says next."""
        while not (messages := list(self._engine.messages())):
            pass
        last = messages[-1]
        if self._own and isinstance(last, Finished):
            return messages, _taken(self._own, keep=last.result.state == "failed")
        return messages, {}


def _taken(folder: Path, *, keep: bool) -> dict[str, bytes]:
    """The end of what was printed and the final weights, out of a folder of which no more than a checkpoint is kept."""
    taken = {name: (folder / name).read_bytes() for name in (LOG, WEIGHTS) if (folder / name).exists()}
    for name in taken:
        (folder / name).unlink()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    return {name: content[-_LOG_TAIL:] if name == LOG else content for name, content in taken.items()}
