"""What code can set in JAX for the whole process."""

from collections.abc import Mapping
from typing import Any

import jax

from study.engines.process_state import Switch


def _restore(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if jax.config.values.get(name) != value:
            jax.config.update(name, value)


SWITCHES = (Switch("JAX's configuration", lambda: dict(jax.config.values), _restore),)
