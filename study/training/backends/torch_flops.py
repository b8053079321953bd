"""Counts the multiplications and additions of a pass on PyTorch, while it runs."""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from study.training.backends.backend import UnknownFlopsError

_UNKNOWN = {"fft", "rnn", "lstm", "gru", "solve", "cholesky", "inv", "svd", "qr", "eig", "eigh", "lu", "det", "slogdet"}
"""Operations with one of these words in their name do much work that nobody here counts."""

_CHOICE = "_local_scalar_dense"
"""Takes a number out of a tensor: which operations follow may depend on it."""
_RECURRENT = "backend/torch/rnn.py"
"""Keras asks there whether anything is masked, and multiplies alike in both cases."""
_ATTENTION = "_scaled_dot_product_flash_attention_for_cpu"
"""PyTorch's own counter knows the kernels for GPUs only."""


def forward_flops(call: Callable[[Any], Any], inputs: Any) -> int:
    """Count the operations of a call, two for each multiply-add. Raises UnknownFlopsError."""
    sums = _SumsOfProducts()
    with torch.no_grad(), FlopCounterMode(display=False) as counter, sums:
        call(inputs)
    return int(counter.get_total_flops()) + sums.flops


class _SumsOfProducts(TorchDispatchMode):  # type: ignore[misc]
    """Counts what PyTorch's own counter leaves out: sums of products that a model spells out, as `sum(x[:, None] * w)`.

    Raises UnknownFlopsError at an operation that nobody counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0
        self._products: dict[int, torch.Tensor] = {}
        """Products that are larger than both factors, by identity. They are kept, so that the number stays theirs."""

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        name = function.name().partition("::")[2].partition(".")[0]
        if (name == _CHOICE and not _of_a_mask()) or _UNKNOWN & {*name.split("_")}:
            raise UnknownFlopsError(name)
        result = function(*args, **(kwargs or {}))
        if name == _ATTENTION and function._overloadpacket not in flop_registry:
            self.flops += _attention(*args[:3])
        if name == "mul" and result.numel() > max(map(_size, args)):
            self._products[id(result)] = result
        if name == "sum" and id(args[0]) in self._products:
            self.flops += 2 * args[0].numel()
        return result


def _of_a_mask() -> bool:
    """Whether a recurrent layer of Keras asks for its mask now."""
    frame = inspect.currentframe()
    while frame and not frame.f_code.co_filename.endswith(_RECURRENT):
        frame = frame.f_back
    return frame is not None


def _attention(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> int:
    """Of the two products of attention: of (…, queries, width) with (…, keys, width), and with (…, keys, values)."""
    return int(2 * math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def _size(factor: Any) -> int:
    return math.prod(factor.shape) if isinstance(factor, torch.Tensor) else 1
