"""What Keras and the libraries below it keep for a whole process is put back, and draws are seeded."""

import random
from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tensorflow as tf

from study.engines.process_state import ProcessState
from study.training import keras_state


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back what a test changes, without the help of what it tests; pytest's own modules stay."""
    monkeypatch.setattr("study.engines.process_state.forget_user_modules", lambda: None)
    errors, options = np.geterr(), np.get_printoptions()
    registered = dict(keras.saving.get_custom_objects())  # By the tasks of other tests.
    keras.saving.get_custom_objects().clear()
    yield
    np.seterr(**errors)
    np.set_printoptions(**options)
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)
    keras.config.set_image_data_format("channels_last")
    keras.config.set_max_epochs(None)
    keras.saving.get_custom_objects().clear()
    keras.saving.get_custom_objects().update(registered)
    tf.config.run_functions_eagerly(False)
    keras.utils.clear_session(free_memory=False)


def test_what_a_task_sets_is_put_back() -> None:
    state = ProcessState(keras_state._switches())
    call = keras.layers.Dense.call
    keras.config.set_floatx("float16")
    keras.config.set_epsilon(1e-2)
    keras.config.set_image_data_format("channels_first")
    keras.config.set_max_epochs(1)
    keras.config.set_max_steps_per_epoch(1)
    keras.saving.get_custom_objects()["relu"] = keras.activations.tanh
    keras.layers.Dense.call = lambda self, inputs: inputs
    tf.config.run_functions_eagerly(True)
    tf.data.experimental.enable_debug_mode()
    tf.config.set_soft_device_placement(False)
    tf.config.experimental.enable_tensor_float_32_execution(False)
    tf.config.experimental.enable_op_determinism()
    tf.config.optimizer.set_jit(True)
    tf.config.optimizer.set_experimental_options({"constant_folding": False})
    np.seterr(all="raise")
    np.set_printoptions(precision=1)
    vars(np.random)["set_bit_generator"](np.random.PCG64(1))
    assert state.restore() == []
    assert keras.layers.Dense.call is call
    assert (keras.config.floatx(), keras.config.epsilon(), keras.config.max_epochs()) == ("float32", 1e-7, None)
    assert keras.config.image_data_format() == "channels_last"
    assert not keras.saving.get_custom_objects()
    assert not tf.config.functions_run_eagerly()
    assert tf.config.get_soft_device_placement()
    assert tf.config.optimizer.get_jit() == ""
    assert "constant_folding" not in tf.config.optimizer.get_experimental_options()
    assert np.geterr()["over"] != "raise"


def test_each_trial_begins_with_keras_as_it_was_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras_state, "_prepared", False)
    monkeypatch.setattr("study.engines.process_state._remembered", [])
    keras.config.set_floatx("float64")  # As a keras.json in the user's folder may have it.
    keras_state.prepare(threads=1)
    assert keras.config.floatx() == "float32"
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    assert keras.layers.Dense(1).name == "dense"
    keras_state.prepare(threads=1)
    assert keras.mixed_precision.dtype_policy().name == "float32"
    assert keras.layers.Dense(1).name == "dense"


def draws() -> list[float]:
    generator = tf.random.get_global_generator()
    numbers = (random.random(), np.random.rand(), keras.random.uniform(()), tf.random.uniform(()), generator.normal(()))
    return [float(number) for number in numbers]


def test_every_draw_is_seeded() -> None:
    keras_state.seed(3)
    first = draws()
    assert draws() != first
    keras_state.seed(3)
    assert draws() == first
    keras_state.seed(4)
    assert not set(draws()) & set(first)
