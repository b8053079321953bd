"""The layers of a task's model, for a file that says `each`: read from a `.keras` file, or from the model itself."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from study.errors import TaskError
from study.space.kept_layers import KeptLayers
from study.space.keras_file import hidden_layers
from study.space.surgery import Kind
from study.space.task_code import task_code
from study.space.task_loading import absolute_reference

_LISTING = "study.training.layer_list"
"""A program that builds the model. It loads Keras, which this process must not do."""
_SECONDS = 600


@dataclass(frozen=True)
class LayersOfTask:
    """The layers of a task's model. They are looked for only if they are asked for."""

    reference: str
    """How the search-space file names the task."""
    folder: Path
    """The folder of that file."""
    file: str = ""
    """The `.keras` file that the search-space file names. If it names none, the task's code may name one."""
    baseline: Mapping[str, Any] | None = None
    """What the search-space file says of the baseline, as it stands there."""

    def hidden(self, kind: Kind) -> list[str]:
        """Returns the layers on which an operation of this kind makes sense.

        If no `.keras` file is named, the model is built in another process. Raises TaskError if that fails.
        """
        if self.file:
            return hidden_layers(self.folder / self.file, kind)
        code = task_code(self.reference, folder=self.folder)
        files = [Path(code.place).parent / name for name in code.files if name.endswith(".keras")]
        return hidden_layers(files[0], kind) if len(files) == 1 else list(self._of_model[kind])

    @cached_property
    def _of_model(self) -> Mapping[str, list[str]]:
        """The layers of the model for each kind of operation, from the cache if they are there."""
        reference = absolute_reference(self.reference, folder=self.folder)
        return KeptLayers.of(reference, self.baseline or {}).read() or self._built(reference)

    def _built(self, reference: str) -> dict[str, list[str]]:
        asked = json.dumps({"reference": reference, "baseline": self.baseline or {}})
        # Without the current folder, where the user may have a `study.py`.
        command = [sys.executable, "-P", "-m", _LISTING]
        done = subprocess.run(command, input=f"{asked}\n", capture_output=True, text=True, timeout=_SECONDS)
        lines = done.stdout.splitlines()
        died = {"problem": f"the process that builds it ended with {done.returncode}"}
        answer: dict[str, Any] = json.loads(lines[-1]) if lines and done.returncode == 0 else died
        if "problem" in answer:
            raise TaskError(f"'each' needs the model, which cannot be built: {answer['problem']}; or list the layers")
        return answer
