"""What code can set in PyTorch for the whole process. A task may use PyTorch while it makes data.

PyTorch is not loaded because of this. Until a task loads it, its defaults count as its values.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from study.engines.process_state import Switch


def _switch(name: str, default: Callable[[], Any], read: str, write: str) -> Switch:
    """A switch that two functions of PyTorch read and write."""

    def value() -> Any:
        torch = sys.modules.get("torch")
        return getattr(torch, read)() if torch else default()

    return Switch(f"PyTorch's {name}", value, lambda remembered: getattr(sys.modules["torch"], write)(remembered))


def _default_type() -> str:
    """Returns the default type as text, because its object exists only once PyTorch is loaded."""
    torch = sys.modules.get("torch")
    return str(torch.get_default_dtype()).removeprefix("torch.") if torch else "float32"


def _set_default_type(name: str) -> None:
    torch = sys.modules["torch"]
    torch.set_default_dtype(getattr(torch, name))


TORCH_SWITCHES = (
    Switch("PyTorch's default type", _default_type, _set_default_type),
    _switch(
        "threads", lambda: int(os.environ.get("OMP_NUM_THREADS") or 0), read="get_num_threads", write="set_num_threads"
    ),
    _switch(
        "determinism",
        lambda: False,
        read="are_deterministic_algorithms_enabled",
        write="use_deterministic_algorithms",
    ),
    _switch("gradients", lambda: True, read="is_grad_enabled", write="set_grad_enabled"),
)
