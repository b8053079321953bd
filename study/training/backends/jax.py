"""Keras on JAX."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from study.data.dataset import Kept
from study.training.backends.backend import Batches, host_memory

if TYPE_CHECKING:
    import keras


def prepare(*, threads: int) -> None:
    """Make the numbers of this process depend on seeds alone; on a CPU JAX does so by itself."""


def device() -> str:
    """The device that computes, in a word or two."""
    return str(jax.devices()[0].device_kind)


def version() -> str:
    """The backend's version."""
    return str(jax.__version__)


def memory() -> int:
    """Bytes of memory of the device: what JAX may take of a GPU's, or all of this machine's."""
    found = jax.devices()[0].memory_stats() or {}
    return int(found.get("bytes_limit", host_memory()))


def compiled(
    model: "keras.Model",
    examples: Kept,
    *,
    see: Callable[[Any, Any], tuple[Any, Any]],
    batch: int,
    training: bool,
) -> Batches:
    """A loop in one program, through which the model's state goes from batch to batch."""
    take = model.train_step if training else model.test_step
    optimizer = [model.optimizer.variables] if training else []
    variables = (model.trainable_variables, model.non_trainable_variables, *optimizer, model.metrics_variables)

    def step(state: Any, inputs: Any, targets: Any, chosen: Any) -> Any:
        # The barrier keeps the step from being compiled together with where its batch comes from, and so its bits.
        state, seen = jax.lax.optimization_barrier((state, see(inputs[chosen], targets[chosen])))
        return take(state, seen)[1]

    @jax.jit  # type: ignore[untyped-decorator]
    def steps(state: Any, inputs: Any, targets: Any, rows: Any, count: Any) -> Any:
        whole = len(rows) // batch * batch

        def one(number: Any, state: Any) -> Any:
            return step(state, inputs, targets, jax.lax.dynamic_slice(rows, (number * batch,), (batch,)))

        # How often is an argument, so that no number of batches is compiled in a way of its own.
        state = jax.lax.fori_loop(0, count, one, state) if whole else state
        return step(state, inputs, targets, rows[whole:]) if whole < len(rows) else state

    def run(inputs: Any, targets: Any, rows: np.ndarray, *, dry: bool = False) -> None:
        # Nothing is donated: a whole pass needs one more copy of the weights, which may share their memory (averages).
        state = jax.tree.map(lambda variable: variable.value, variables)
        after = steps(state, inputs, targets, rows, 0 if dry else len(rows) // batch)
        if not dry:
            jax.tree.map(lambda variable, value: variable.assign(value), variables, after)

    return run
