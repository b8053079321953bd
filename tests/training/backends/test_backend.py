"""Which backend is in use, and that each has every part of one."""

import ast
import os
from pathlib import Path

import pytest

from study.errors import StudyError
from study.training.backends import backend
from study.training.backends.backend import Backend, host_memory, load, name

FOLDER = Path(backend.__file__).parent


def test_tensorflow_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert name() == "tensorflow"
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    assert name() == "jax"


def test_a_backend_that_cannot_train_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "pytorch")
    with pytest.raises(StudyError, match="KERAS_BACKEND=pytorch: must be one of tensorflow, jax, torch; did you mean"):
        name()


def test_the_backend_in_use_is_a_module() -> None:
    assert load().version()
    assert load().device()
    assert load().device_memory() > 0


@pytest.mark.parametrize("file", ["tensorflow.py", "jax.py", "torch.py"])
def test_each_backend_has_every_part_of_one(file: str) -> None:
    tree = ast.parse((FOLDER / file).read_text(encoding="utf-8"))
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {part for part in vars(Backend) if not part.startswith("_")} <= functions


def test_the_memory_of_this_machine_is_in_bytes() -> None:
    assert host_memory() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > 1e8
