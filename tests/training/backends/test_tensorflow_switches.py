"""Whatever a trial sets in TensorFlow for the whole process is seen, and put back if there is a way."""

from collections.abc import Callable, Iterator

import pytest
import tensorflow as tf

from study.engines.process_state import ProcessState
from study.training.backends.tensorflow_switches import SWITCHES


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = ProcessState(SWITCHES)
    yield
    assert before.restore() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: tf.config.run_functions_eagerly(True),
        lambda: tf.config.set_soft_device_placement(not tf.config.get_soft_device_placement()),
        lambda: tf.config.optimizer.set_jit(True),
        lambda: tf.config.optimizer.set_experimental_options({"constant_folding": False}),
        lambda: tf.config.experimental.enable_tensor_float_32_execution(False),
        lambda: tf.debugging.set_log_device_placement(True),
    ],
)
def test_a_change_is_put_back(change: Callable[[], object]) -> None:
    values = [switch.read() for switch in SWITCHES]
    state = ProcessState(SWITCHES)
    change()
    assert [switch.read() for switch in SWITCHES] != values
    assert state.restore() == []
    assert [switch.read() for switch in SWITCHES] == values


def test_what_only_a_new_process_is_free_of_is_named() -> None:
    state = ProcessState(SWITCHES)
    tf.compat.v1.disable_resource_variables()
    try:
        assert state.restore() == ["TensorFlow 1's behaviour was changed"]
    finally:
        tf.compat.v1.enable_resource_variables()
