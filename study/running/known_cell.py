"""A cell that has trained before runs again, to show whether cells that fail now or their environment is to blame."""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from study.engines.engine import Built, Engine, Epoch, Finished, Message
from study.running.first_failures import Stage
from study.space.trial import TrialConfig

NUMBER = -1
"""The number of its trial, which is none of the study's: nothing is recorded."""


@dataclass
class KnownCell:
    """A second run of a cell in a new process, up to a stage."""

    config: TrialConfig
    beyond: Stage
    """It shall come further than this."""
    came_further: bool = False
    attempts: int = 2
    """How often it may still fail before its failure counts, because some tasks fail by chance."""
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="keras-study-")))

    def begin(self, engine: Engine) -> None:
        """Start the run. The engine must have a free worker."""
        engine.renew()  # A process that began before something broke may still work.
        engine.submit(NUMBER, self.config, self._folder)

    def receive(self, message: Message, engine: Engine) -> bool:
        """Take a message of the run, and answer it if it waits for an answer. Returns whether the run is over."""
        if isinstance(message, Finished):
            self.came_further |= message.result.state != "failed"
            self.attempts -= 1
            if self.came_further or not self.attempts:
                self.end()
                return True
            self.begin(engine)
        if isinstance(message, Built | Epoch):
            reached = Stage.TRAINED if isinstance(message, Epoch) else Stage.BUILT
            self.came_further |= reached > self.beyond
            engine.answer(NUMBER, go_on=not self.came_further)
        return False

    def end(self) -> None:
        """Remove its files."""
        shutil.rmtree(self._folder, ignore_errors=True)
