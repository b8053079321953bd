"""The part of the Ray engine on a node: an actor that runs one worker process and passes its messages on."""

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

Reply = tuple[list[Message], Mapping[str, bytes]]
"""The worker's next messages, and the files that the launcher must keep because it cannot read the node's disk."""
_LOG_TAIL = 64_000
"""How many bytes of a log are sent to the launcher, from its end."""


class NodeWorker:
    """The actor, which runs one worker process on its node. Each call waits for the next messages."""

    def __init__(self, function: str, environment: Mapping[str, str], timeout: float | None, folder: Path) -> None:
        # Ray starts this process for this actor alone, and ends it with the actor. So both changes may stay.
        # A spawned process runs the main file of its parent. Here that file would import Ray, so its name is removed.
        vars(sys.modules["__main__"]).pop("__file__", None)
        with suppress(OSError):
            os.chdir(folder)
        self._engine = LocalEngine(function, environment=environment, timeout=timeout)
        self._node_folder: Path | None = None

    def ready(self) -> Reply:
        """Returns no messages. The reply itself shows that the actor is alive."""
        return [], {}

    def submit(self, trial: int, config: TrialConfig, folder: Path, node_folder: str) -> Reply:
        """Start a trial in its folder if this node shares that folder, else in the node's own folder `node_folder`."""
        shared = os.access(folder, os.W_OK | os.X_OK)
        self._node_folder = None if shared else Path(tempfile.gettempdir(), node_folder)
        self._engine.submit(trial, config, self._node_folder or folder)
        return self.messages()

    def answer(self, trial: int, go_on: bool) -> Reply:
        """Answer a `Built` or an `Epoch` message."""
        self._engine.answer(trial, go_on=go_on)
        return self.messages()

    def messages(self) -> Reply:
        """Wait for the worker's next messages."""
        while not (messages := list(self._engine.messages())):
            pass
        last = messages[-1]
        if self._node_folder and isinstance(last, Finished):
            return messages, _take_files(self._node_folder, keep_rest=last.result.state == "failed")
        return messages, {}


def _take_files(folder: Path, *, keep_rest: bool) -> dict[str, bytes]:
    """Remove the log and the final weights from a folder. Returns the weights and the end of the log.

    With `keep_rest` the other files stay, above all the checkpoint, because the trial may go on here later.
    """
    files = {name: (folder / name).read_bytes() for name in (LOG, WEIGHTS) if (folder / name).exists()}
    for name in files:
        (folder / name).unlink()
    if not keep_rest:
        shutil.rmtree(folder, ignore_errors=True)
    return {name: content[-_LOG_TAIL:] if name == LOG else content for name, content in files.items()}
