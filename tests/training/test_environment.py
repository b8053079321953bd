"""What is set before a worker starts, and what it finds."""

import subprocess
import sys
from importlib import metadata

import pytest

from study.training.environment import describe_worker, prepare_worker, worker_environment


def test_every_library_gets_as_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XLA_FLAGS", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    assert worker_environment(3) == {
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


def test_a_checkout_that_was_never_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert describe_worker()["keras-study"] == "not installed"


def test_a_launcher_imports_it_without_keras() -> None:
    script = "import sys, study.training.environment; print('keras' in sys.modules or 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
