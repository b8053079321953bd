"""Each workload on JAX: a trial has the numbers of Keras's own `fit`, also one that was resumed, or it is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from study.engines.local import LocalEngine
from study.space.toml_file import read
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.workloads.plain_fit import PLAIN_FIT
from tests.workloads.test_quick import FOLDER, WORKLOADS, Workers, as_texts, finish

pytestmark = pytest.mark.slow
REFUSED = {
    **dict.fromkeys(("strings", "tabular"), "the data hold texts, which only KERAS_BACKEND=tensorflow takes"),
    **dict.fromkeys(("gan", "vae"), "is written for TensorFlow or PyTorch"),
}
"""What needs TensorFlow, and the reason that its user reads."""
LOOKED_AT = ("tf_data",)
"""On JAX `fit` builds on a stream's first batch, so that a stream that shuffles at each iteration has another order."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pytest.importorskip("jax")
    environment = worker_environment(1) | {"KERAS_BACKEND": "jax"}
    made = Workers(LocalEngine(TRAIN, environment=environment), LocalEngine(PLAIN_FIT, environment=environment))
    yield made
    made.ours.close()
    made.plain.close()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_resumed_trial_on_jax_has_the_numbers_of_fit(name: str, workers: Workers, tmp_path: Path) -> None:
    config = read(FOLDER / f"{name}.toml").config({}, seed=1)
    resumed, fitted = workers.train(config, tmp_path, interrupted=name not in REFUSED)
    if name in REFUSED:
        assert (resumed.state, REFUSED[name] in resumed.reason) == ("failed", True), resumed.reason
        return
    assert fitted.state == "complete", f"{fitted.reason}\n{fitted.traceback}"
    assert resumed.state == "complete", f"{resumed.reason}\n{resumed.traceback}"
    assert resumed.environment["backend"] == "jax"
    by = finish(workers.ours, config, tmp_path / "whole") if name in LOOKED_AT else fitted
    assert as_texts(resumed.curve) == as_texts(by.curve)
