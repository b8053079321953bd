"""Keras on JAX."""

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from study.data.dataset import StoredExamples
from study.data.nest import leaves, with_leaves
from study.data.stored_array import StoredArray
from study.data.windows import Windows
from study.training.backends import jax_flops
from study.training.backends.backend import BatchLoop, ToStep, host_memory

if TYPE_CHECKING:
    import keras


def prepare(*, threads: int) -> None:
    """Do nothing: on a processor, JAX's numbers depend on seeds alone without any setting."""


def device() -> str:
    """Returns the name of the device that computes."""
    return str(jax.devices()[0].device_kind)


def version() -> str:
    """Returns the version of JAX."""
    return str(jax.__version__)


def device_memory() -> int:
    """Returns the bytes that JAX may take of a GPU's memory, or all of this machine's if there is no GPU."""
    statistics = jax.devices()[0].memory_stats() or {}
    return int(statistics.get("bytes_limit", host_memory()))


def compile_loop(
    model: "keras.Model",
    examples: StoredExamples,
    *,
    to_step: ToStep,
    batch: int,
    training: bool,
) -> BatchLoop:
    """Returns a loop that is one compiled program. It passes the model's state from batch to batch."""
    model_step = model.train_step if training else model.test_step
    optimizer = [model.optimizer.variables] if training else []
    variables = (model.trainable_variables, model.non_trainable_variables, *optimizer, model.metrics_variables)

    def step(state: Any, arrays: list[Any], rows: Any) -> Any:
        chosen = with_leaves(examples, [_rows(*pair, rows) for pair in zip(leaves(examples), arrays, strict=True)])
        # Without the barrier, JAX compiles the step together with the gathering of its batch, and the last bits change.
        state, data = jax.lax.optimization_barrier((state, to_step(chosen)))
        return model_step(state, data)[1]

    @jax.jit  # type: ignore[untyped-decorator]
    def steps(state: Any, arrays: list[Any], rows: Any, count: Any) -> Any:
        whole = len(rows) // batch * batch

        def one(number: Any, state: Any) -> Any:
            return step(state, arrays, jax.lax.dynamic_slice(rows, (number * batch,), (batch,)))

        # The number of batches is an argument, so that JAX does not compile a variant for each number.
        state = jax.lax.fori_loop(0, count, one, state) if whole else state
        return step(state, arrays, rows[whole:]) if whole < len(rows) else state

    def loop(arrays: list[Any], rows: np.ndarray, *, compile_only: bool = False) -> None:
        # No buffer is donated to JAX, because variables may share their memory, as averages do. The price is one more
        # copy of the weights for each pass.
        state = jax.tree.map(lambda variable: variable.value, variables)
        after = steps(state, arrays, rows, 0 if compile_only else len(rows) // batch)
        if not compile_only:
            jax.tree.map(lambda variable, value: variable.assign(value), variables, after)

    return loop


def _rows(stored: StoredArray, array: Any, rows: Any) -> Any:
    """Returns rows of an array on the device. A window is put together from the blocks of its series."""
    if not isinstance(stored, Windows):
        return array[rows]
    return array[rows[:, None] * stored.step + stored.offsets].reshape(-1, *stored.shape[1:])


def forward_flops(model: "keras.Model", inputs: Any) -> int:
    """Count the operations of a built model's forward pass on these inputs. Raises UnknownFlopsError."""
    # Stateless, because a value that JAX only traces must not stay in a variable.
    variables = (model.trainable_variables, model.non_trainable_variables)
    values = jax.tree.map(lambda variable: variable.value, variables)
    return jax_flops.forward_flops(lambda batch: model.stateless_call(*values, batch, training=False)[0], inputs)
