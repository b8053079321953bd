"""Finds the task's own classes and functions in a Keras file, because Keras alone cannot load them."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KNOWN = ("keras", "builtins", "numpy")
"""The packages whose classes and functions Keras finds itself."""
LAMBDA = "lambda"


@dataclass(frozen=True)
class OwnObjects:
    """The own classes and functions in a Keras file."""

    modules: Mapping[str, str]
    """The module of each class and of each named function, by its name. Keras does not know that of every function."""
    lambdas: bool
    """Whether the file holds the code of functions, as that of a Lambda layer does."""

    @property
    def names(self) -> list[str]:
        """Returns the names, and LAMBDA if the file holds the code of functions."""
        return [*self.modules, *([LAMBDA] if self.lambdas else [])]


def own_objects(path: Path) -> OwnObjects:
    """Returns the own classes and functions in a Keras file; none if there is no file."""
    if not path.is_file():
        return OwnObjects({}, lambdas=False)
    with zipfile.ZipFile(path) as file:
        pairs = list(_own(json.loads(file.read("config.json"))))
    return OwnObjects(dict(pair for pair in pairs if pair[0] != LAMBDA), lambdas=any(n == LAMBDA for n, _ in pairs))


def _own(config: Any) -> Iterator[tuple[str, str]]:
    """Yields name and module of own classes and functions in a part of a model's configuration."""
    if isinstance(config, list):
        for part in config:
            yield from _own(part)
    if not isinstance(config, dict):
        return
    kind, module = config.get("class_name"), str(config.get("module") or "")
    if kind == "__lambda__":
        yield LAMBDA, ""
    elif kind == "function":  # Keras's own functions stand there as texts.
        yield str(config["config"]), module
    elif kind and "module" in config and module.partition(".")[0] not in _KNOWN:
        yield str(kind), module
    for part in config.values():
        yield from _own(part)
