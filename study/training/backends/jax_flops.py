"""Counts the multiplications and additions of a traced JAX program."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax

from study.training.backends.backend import UnknownFlopsError

_UNKNOWN = ("callback", "custom_call", "ffi_call", "pallas", "fft", "cholesky", "triangular_solve", "lu", "qr", "svd")
"""Operations with one of these names, or with one that begins so, do work that nobody here counts."""


def forward_flops(call: Callable[[Any], Any], inputs: Any) -> int:
    """Count the operations of a call, two for each multiply-add. Raises UnknownFlopsError."""
    return _program_flops(jax.make_jaxpr(call)(inputs).jaxpr)


def _program_flops(program: Any) -> int:
    makers = {id(made): equation for equation in program.eqns for made in equation.outvars}
    return sum(_flops(equation, makers) for equation in program.eqns)


def _flops(equation: Any, makers: dict[int, Any]) -> int:
    """Returns the floating-point operations of one equation, 0 if it is neither sum nor product."""
    kind, parts = equation.primitive.name, equation.params
    if kind == "dot_general":
        return _product(equation)
    if kind == "conv_general_dilated":
        return _convolution(equation)
    if kind == "reduce_sum":
        return _sum(equation, makers)
    if kind == "scan":
        return int(parts["length"]) * _program_flops(parts["jaxpr"].jaxpr)
    if kind == "while":
        return _while(equation)
    if kind == "cond":  # Nobody knows which branch an example takes: the costliest one counts.
        return max(_program_flops(branch.jaxpr) for branch in parts["branches"])
    if kind.startswith(_UNKNOWN) or "callback" in kind:
        raise UnknownFlopsError(kind)
    return sum(map(_program_flops, _programs(parts)))


def _while(equation: Any) -> int:
    if _program_flops(equation.params["body_jaxpr"].jaxpr):
        raise UnknownFlopsError("how often a loop runs")
    return 0


def _programs(parts: Any) -> Iterator[Any]:
    """Yields the programs among an equation's parts, such as the body of a compiled function."""
    for part in jax.tree.leaves(list(parts.values()), is_leaf=lambda part: hasattr(part, "eqns")):
        if hasattr(part, "eqns"):
            yield getattr(part, "jaxpr", part)


def _product(equation: Any) -> int:
    (summed, _), _ = equation.params["dimension_numbers"]
    left = equation.invars[0].aval.shape
    return int(2 * _numbers(equation.outvars[0]) * math.prod(left[axis] for axis in summed))


def _convolution(equation: Any) -> int:
    kernel, outputs = equation.invars[1].aval.shape, equation.params["dimension_numbers"].rhs_spec[0]
    products = _numbers(equation.outvars[0]) * (math.prod(kernel) // kernel[outputs])
    # A transposed convolution spreads its inputs, and most of its products are with the zeros in between.
    return int(2 * products // math.prod(equation.params["lhs_dilation"]))


def _sum(equation: Any, makers: dict[int, Any]) -> int:
    """Of a sum of products that the model spells out, as `sum(x[:, :, None] * w)` is; 0 of another sum."""
    product = makers.get(id(equation.invars[0]))
    if product is None or product.primitive.name != "mul":
        return 0
    size = _numbers(product.outvars[0])
    return 2 * size if size > max(_size(factor, makers) for factor in product.invars) else 0


def _size(factor: Any, makers: dict[int, Any]) -> int:
    """Returns how many numbers a factor had before JAX repeated them along the other factor's axes."""
    maker = makers.get(id(factor))
    if maker is not None and maker.primitive.name == "broadcast_in_dim":
        return _size(maker.invars[0], makers)
    return _numbers(factor)


def _numbers(value: Any) -> int:
    return int(math.prod(value.aval.shape))
