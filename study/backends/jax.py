"""Keras on JAX."""

import jax


def prepare(*, threads: int) -> None:
    """Make the numbers of this process depend on seeds alone; on a CPU JAX does so by itself."""


def device() -> str:
    """The device that computes, in a word or two."""
    return str(jax.devices()[0].device_kind)


def version() -> str:
    """The backend's version."""
    return str(jax.__version__)
