"""A process of its own that lists the layers of a task's model, so that the launcher need not load Keras.

It reads one line of JSON, which names the task and its settings, and prints one. A list is kept in the cache, because
the same code builds the same layers.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from study.data.cache_folder import cache_folder
from study.engines.failed_result import failed_result
from study.files import write_whole
from study.space.cell_key import digest
from study.space.task_code import task_code
from study.space.task_loading import load_task
from study.space.trial import TrialConfig
from study.task import Task, defaults

_BUILDING = "study.training.hidden_layers"
"""Loads Keras, so it is imported only if the list is not in the cache."""


def main() -> None:
    """Answer the line on the standard input. What the user's code prints goes to the standard error."""
    asked = json.loads(sys.stdin.readline())
    with redirect_stdout(sys.stderr):
        try:
            answer = layers(asked["reference"], asked["baseline"])
        except (Exception, SystemExit) as error:  # The user's code may raise anything.
            answer = {"problem": failed_result(error, 0.0).reason}
    print(json.dumps(answer))


def layers(reference: str, baseline: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the layers of the model at the task's defaults, changed by the baseline of a file."""
    task = load_task(reference, folder=Path())
    settings = {**defaults(task), **_allowed(task, baseline)}
    code = task_code(reference, folder=Path())
    versions = [metadata.version("keras"), task.version]
    name = digest({"task": task.name, "code": code.fingerprint, "place": code.place, "at": settings, "of": versions})
    kept = cache_folder() / f".{task.name}-{name[:16]}.layers.json"
    with suppress(OSError, ValueError):
        known: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return known
    config = TrialConfig(task.name, task.version, settings, defaults(task), task.fidelity, seed=0, reference=reference)
    found: dict[str, Any] = importlib.import_module(_BUILDING).hidden_layers(config)
    with suppress(OSError):  # The cache may lie on a disk that is read-only or full.
        write_whole(kept, json.dumps(found))
    return found


def _allowed(task: Task, baseline: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the settings that the task has and allows. The others are refused when the file is read further."""
    settings = {name: (task.settings[name], value) for name, value in baseline.items() if name in task.settings}
    return {name: setting.level(value) for name, (setting, value) in settings.items() if not setting.problem(value)}


if __name__ == "__main__":
    main()
