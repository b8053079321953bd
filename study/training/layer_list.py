"""A process of its own that lists the layers of a task's model, so that the launcher need not load Keras.

It reads one line of JSON, which names the task and its settings, and prints one. The list stays in the cache.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

from study.engines.failed_result import failed_result
from study.space.kept_layers import KeptLayers

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
    kept = KeptLayers.of(reference, baseline)
    if known := kept.read():
        return dict(known)
    found: dict[str, Any] = importlib.import_module(_BUILDING).hidden_layers(kept.config)
    kept.write(found)
    return found


if __name__ == "__main__":
    main()
