"""The packages that a task's code imports."""

from importlib import metadata
from pathlib import Path

from study.space.task_code import UNKNOWN, task_code
from study.training.imported_packages import package_versions

TASK = """
import json
import os.path as place

import numpy as np

import helper
from study.task import Setting


def build(settings, *, steps):
    from sklearn.datasets import load_digits
"""


def test_installed_packages_count_by_the_names_under_which_they_are_installed(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(TASK)
    (tmp_path / "helper.py").write_text("import scipy.stats\nfrom . import other\nimport nowhere_to_be_found\n")
    code = task_code("./task.py:task", folder=tmp_path)
    versions = package_versions(code, known={"numpy": "2"})
    assert versions == {name: metadata.version(name) for name in ("scikit-learn", "scipy")}


def test_a_built_in_task_and_a_file_that_cannot_be_parsed_name_none(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text("import scipy\ndef broken(:\n")
    assert package_versions(task_code("./task.py:task", folder=tmp_path), known={}) == {}
    assert package_versions(UNKNOWN, known={}) == {}
