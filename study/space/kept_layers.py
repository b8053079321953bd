"""The list of the layers of a task's model, as the cache keeps it. It needs no Keras.

The same code builds the same layers, so that a model is built once for its list.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from study.files import cache_folder, write_whole
from study.space.cell_key import digest
from study.space.task_code import task_code
from study.space.task_loading import load_task
from study.space.trial import TrialConfig
from study.task import Task, defaults


@dataclass(frozen=True)
class KeptLayers:
    """The place in the cache for the layers of a model."""

    config: TrialConfig
    """The trial whose model it is: the task's defaults, changed by the baseline of a file."""
    path: Path

    @classmethod
    def of(cls, reference: str, baseline: Mapping[str, Any]) -> "KeptLayers":
        """Returns the place for the layers of a task's model at a baseline."""
        task = load_task(reference, folder=Path())
        settings = {**defaults(task), **_allowed(task, baseline)}
        code = task_code(reference, folder=Path())
        versions = [metadata.version("keras"), task.version]
        facts = {"task": task.name, "code": code.fingerprint, "place": code.place, "at": settings, "of": versions}
        path = cache_folder() / f".{task.name}-{digest(facts)[:16]}.layers.json"
        config = TrialConfig(
            task.name, task.version, settings, defaults(task), task.fidelity, seed=0, reference=reference
        )
        return cls(config, path)

    def read(self) -> dict[str, list[str]] | None:
        """Returns the layers for each kind of operation, or None if the cache does not have them."""
        with suppress(OSError, ValueError):
            known: dict[str, list[str]] = json.loads(self.path.read_text(encoding="utf-8"))
            return known
        return None

    def write(self, layers: Mapping[str, Any]) -> None:
        """Keep the layers, unless the cache lies on a disk that is read-only or full."""
        with suppress(OSError):
            write_whole(self.path, json.dumps(dict(layers)))


def _allowed(task: Task, baseline: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings that the task has and allows. The others are refused when the file is read further."""
    settings = {name: (task.settings[name], value) for name, value in baseline.items() if name in task.settings}
    return {name: setting.level(value) for name, (setting, value) in settings.items() if not setting.problem(value)}
