"""Where a user's task lies, and how Python imports it from there."""

import keyword
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from study.space.task_loading import split_reference
from study.training.loading_code import quoted


@dataclass(frozen=True)
class TaskHome:
    """The file or the module of a task."""

    reference: str
    """How the task is named: `./digits.py`, `./digits.py:task`, `my_project.digits` or `my_project.digits:task`."""

    @property
    def _module(self) -> str:
        return split_reference(self.reference)[0]

    @property
    def attribute(self) -> str:
        """Returns the name of the task in its module; empty if the module itself is the task."""
        return split_reference(self.reference)[1] or ""

    @property
    def file(self) -> str:
        """Returns the name of the task's file, or of its module."""
        return Path(self._module).name

    @property
    def name(self) -> str:
        """Returns the name by which Python imports the task's module if its folder is searched."""
        return Path(self._module).stem if self._module.endswith(".py") else self._module

    @property
    def variable(self) -> str:
        """Returns the name of the module after `importing("")`."""
        return self.name if self._has_plain_name else "task"

    @property
    def folders(self) -> Sequence[str]:
        """Returns the folder that Python must search."""
        if self._module.endswith(".py"):
            return [str(Path(self._module).resolve().parent)]
        first = sys.modules.get(self._module.partition(".")[0])
        places = list(getattr(first, "__path__", [])) or [getattr(first, "__file__", None) or ""]
        return [str(Path(places[0]).resolve().parent)]

    def place_of(self, name: str, module: str) -> str:
        """Returns the module from which a class or function can be imported; empty if that is impossible.

        `module` is where Keras thinks that it is. One inside a function cannot be imported.
        """
        for place in (module, *self._loaded):
            if hasattr(sys.modules.get(place), name):
                return self.name if place in self._loaded else place
        return ""

    @property
    def _loaded(self) -> Sequence[str]:
        """Returns the names under which the task's module is loaded in this process."""
        if not self._module.endswith(".py"):
            return [self._module]
        path = str(Path(self._module).resolve())
        return [name for name, module in list(sys.modules.items()) if getattr(module, "__file__", None) == path]

    @property
    def _has_plain_name(self) -> bool:
        return all(part.isidentifier() and not keyword.iskeyword(part) for part in self.name.split("."))

    def importing(self, attribute: str) -> str:
        """Returns the line that imports an object of the task's module, or the module itself if the name is empty."""
        if self._has_plain_name:
            return f"from {self.name} import {attribute}" if attribute else f"import {self.name}"
        module = f"importlib.import_module({quoted(self.name)})"  # A file with another name is a module, too.
        made = f"{attribute} = {module}.{attribute}" if attribute else f"{self.variable} = {module}"
        return f"import importlib\n\n{made}"
