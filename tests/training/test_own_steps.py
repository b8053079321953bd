"""A step of the user's own is called only by the backend for which it is written."""

from typing import Any

import keras
import pytest
import tensorflow as tf

from study.training.own_steps import misfit


class ForTensorFlow(keras.Model):  # type: ignore[misc]
    def train_step(self, data: Any, learn: bool = True) -> Any:
        """As the guides for TensorFlow and PyTorch have it."""


class ForJax(keras.Model):  # type: ignore[misc]
    def train_step(self, state: Any, data: Any) -> Any:
        """As the guide for JAX has it."""


class ForBoth(keras.Model):  # type: ignore[misc]
    def train_step(self, *values: Any) -> Any:
        """Asks which backend it is."""


class Compiled(keras.Model):  # type: ignore[misc]
    @tf.function  # type: ignore[untyped-decorator]
    def train_step(self, data: Any) -> Any:
        """As many write it, although Keras compiles it anyway."""


class OtherTest(ForBoth):
    def test_step(self, data: Any) -> Any:
        """Validates as on TensorFlow."""


@pytest.mark.parametrize(
    ("kind", "backend", "reason"),
    [
        (ForTensorFlow, "tensorflow", ""),
        (ForTensorFlow, "torch", ""),
        (
            ForTensorFlow,
            "jax",
            "written for TensorFlow or PyTorch; with KERAS_BACKEND=jax Keras calls train_step(state, data)",
        ),
        (ForJax, "jax", ""),
        (ForJax, "torch", "`train_step` is written for JAX; with KERAS_BACKEND=torch Keras calls train_step(data)"),
        (Compiled, "tensorflow", ""),
        (Compiled, "jax", "`train_step` is written for TensorFlow or PyTorch"),
        (ForBoth, "jax", ""),
        (ForBoth, "tensorflow", ""),
        (OtherTest, "jax", "`test_step` is written for TensorFlow"),
        (keras.Model, "jax", ""),
    ],
)
def test_a_step_that_is_written_for_another_backend_is_named(
    kind: type[keras.Model], backend: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", backend)
    found = misfit(kind())
    assert (reason in found) if reason else not found
