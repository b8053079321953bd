"""What is set before a worker starts, and what it finds."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from study.errors import TaskError
from study.training.environment import (
    describe_worker,
    environment_changes,
    prepare_worker,
    task_in_worker,
    worker_environment,
)
from tests.conftest import ROOT
from tests.engines.test_local import config


def test_every_library_gets_as_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XLA_FLAGS", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    # The machine may set variables of its own, such as the kind of processor for OpenBLAS. They stay as they are.
    given = {name: value for name, value in worker_environment(3).items() if os.environ.get(name) != value}
    assert given == {
        "TF_NUM_INTRAOP_THREADS": "3",
        "OMP_NUM_THREADS": "3",
        "OPENBLAS_NUM_THREADS": "3",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "KERAS_BACKEND": "tensorflow",
        "XLA_FLAGS": "",
    }
    assert worker_environment(1)["XLA_FLAGS"] == "--xla_cpu_multi_thread_eigen=false"


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLA_FLAGS", "--xla_dump_to=/tmp/here")
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    given = worker_environment(1)
    assert given["XLA_FLAGS"] == "--xla_dump_to=/tmp/here --xla_cpu_multi_thread_eigen=false"
    assert (given["KERAS_BACKEND"], given["TF_CPP_MIN_LOG_LEVEL"]) == ("jax", "0")


def test_a_worker_says_what_may_change_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    prepare_worker()
    facts = describe_worker()
    assert facts["threads"] == 1
    assert facts["backend"] in facts
    assert {"device", "python", "keras", "numpy", "keras-study"} < facts.keys()
    assert facts["device"] != "cpu" or facts["processor"]
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert "TF_ENABLE_ONEDNN_OPTS=0" in describe_worker()["variables"]


def test_changes_are_named_and_what_only_one_side_recorded_is_not_compared() -> None:
    before, now = {"backend": "jax", "jax": "0.9", "threads": 1}, {"backend": "torch", "threads": 1, "torch": "2"}
    assert environment_changes(before, now) == ["backend: jax -> torch"]
    assert environment_changes(now, now) == environment_changes({}, now) == []


def test_a_variable_that_the_task_sets_too_late_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "1")  # So that it is put back after the task has set it.
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS")
    text = (ROOT / "tests" / "user_tasks" / "points.py").read_text()
    (tmp_path / "late.py").write_text(f"import os\n\nos.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'\n{text}")
    asked = replace(config(), reference=f"{tmp_path / 'late.py'}:task")
    with pytest.raises(TaskError, match=r"sets TF_ENABLE_ONEDNN_OPTS=0 too late; .*: TF_ENABLE_ONEDNN_OPTS=0 study"):
        task_in_worker(asked)
    assert task_in_worker(asked).name == "points"  # As in a worker of a launcher that has imported the task.


def test_variables_of_kernels_reach_workers_on_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert worker_environment(1)["TF_ENABLE_ONEDNN_OPTS"] == "0"


def test_a_checkout_that_was_never_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert describe_worker()["keras-study"] == "not installed"


def test_a_launcher_imports_it_without_keras() -> None:
    script = "import sys, study.training.environment; print('keras' in sys.modules or 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
