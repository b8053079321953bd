"""The worker functions: each name leads to a function, and the names cost nothing to import."""

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from study.training import worker_functions


@pytest.mark.parametrize("function", worker_functions.ALL)
def test_each_name_leads_to_a_trial_function(function: str) -> None:
    module, _, name = function.partition(":")
    assert list(inspect.signature(getattr(import_module(module), name)).parameters) == ["config", "report"]


def test_all_holds_every_name() -> None:
    names = [value for name, value in vars(worker_functions).items() if name.isupper() and isinstance(value, str)]
    assert sorted(worker_functions.ALL) == sorted(names)


def test_the_names_import_nothing_else() -> None:
    script = (
        "import sys, study.training.worker_functions; print(*(name for name in sys.modules if name[:6] == 'study.'))"
    )
    output = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert output.split() == ["study.training", "study.training.worker_functions"]
