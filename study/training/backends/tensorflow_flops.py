"""Counts the multiplications and additions of a traced TensorFlow graph."""

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import tensorflow as tf
from tensorflow.python.framework import function_def_to_graph, tensor_util

from study.training.backends.backend import UnknownFlopsError

_UNKNOWN = (
    *("Conv", "MatMul", "RNN", "LSTM", "GRU", "FFT", "Spectrogram", "Solve", "Cholesky", "Inverse", "Svd", "Qr"),
    *("PyFunc", "Custom", "Xla", "MapDefun", "ParallelMap", "RemoteCall", "Cudnn"),
)
"""Operations with one of these words in their name do much work that nobody here counts."""
_GATES = {b"lstm": 4, b"gru": 3, b"rnn_tanh": 1, b"rnn_relu": 1}

Graphs = Callable[[str], Any]
"""Returns the graph of a function by its name."""


def forward_flops(call: Callable[[Any], Any], inputs: Any) -> int:
    """Count the operations of a call, two for each multiply-add. Raises UnknownFlopsError."""
    traced = tf.function(call, autograph=False).get_concrete_function(
        tf.nest.map_structure(tf.TensorSpec.from_tensor, inputs)
    )
    graphs = cache(lambda name: _function_graph(traced.graph, name))
    try:
        return _graph_flops(traced.graph, graphs)
    except UnknownFlopsError:
        _fill_in_shapes(traced.graph, call, inputs)
        return _graph_flops(traced.graph, graphs)


def _fill_in_shapes(graph: Any, call: Callable[[Any], Any], inputs: Any) -> None:
    """Give the tensors of a traced call the shapes that they have with these inputs.

    A tracer does not know some of them: how many words a text has decides how long its row of numbers is.
    """

    def shapes(given: Any) -> dict[str, Any]:
        call(given)
        traced = tf.compat.v1.get_default_graph()
        counted = [operation for operation in traced.get_operations() if operation.type in _COUNTS]
        tensors = {tensor.name: tensor for one in counted for tensor in (*one.inputs, *one.outputs)}
        return {name: tf.shape(tensor) for name, tensor in tensors.items() if not tensor.shape.is_fully_defined()}

    for name, shape in tf.function(shapes, autograph=False)(inputs).items():
        graph.get_tensor_by_name(name).set_shape(shape.numpy())


def _function_graph(graph: Any, name: str) -> Any:
    function = graph._get_function(name)  # TensorFlow has no public way to a function of a graph.
    if hasattr(function, "graph"):
        return function.graph
    return function_def_to_graph.function_def_to_graph(function.cached_definition)


def _graph_flops(graph: Any, graphs: Graphs) -> int:
    return sum(_flops(operation, graphs) for operation in _needed(graph))


def _needed(graph: Any) -> Iterator[Any]:
    """Yields the operations that the outputs of a graph depend on; each once."""
    seen: set[str] = set()
    waiting = [output.op for output in graph.outputs]
    while waiting:
        operation = waiting.pop()
        if operation.name not in seen:
            seen.add(operation.name)
            waiting += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
            yield operation


def _flops(operation: Any, graphs: Graphs) -> int:
    """Returns the floating-point operations of one operation of a graph, 0 if it is neither sum nor product."""
    kind = operation.type
    if kind in _COUNTS:
        return _COUNTS[kind](operation)
    if kind in ("While", "StatelessWhile"):
        body = _graph_flops(graphs(operation.get_attr("body").name), graphs)
        return body * _repetitions(operation, graphs) if body else 0
    if kind in ("If", "StatelessIf"):
        branches = [operation.get_attr("then_branch"), operation.get_attr("else_branch")]
    elif kind in ("Case", "StatelessCase"):
        branches = operation.get_attr("branches")
    elif kind in ("PartitionedCall", "StatefulPartitionedCall"):
        branches = [operation.get_attr("f")]
    elif any(word in kind for word in _UNKNOWN):
        raise UnknownFlopsError(kind)
    else:
        return 0
    # Nobody knows which branch an example takes: the costliest one counts.
    return max(_graph_flops(graphs(branch.name), graphs) for branch in branches)


def _repetitions(loop: Any, graphs: Graphs) -> int:
    """Returns how often a loop runs: until its counter reaches the lowest bound that is known."""
    condition = graphs(loop.get_attr("cond").name)
    names = [tensor.name for tensor in condition.inputs]

    def value(tensor: Any) -> Any:
        outside = loop.inputs[names.index(tensor.name)] if tensor.name in names else tensor
        return tensor_util.constant_value(outside)

    ranges = [tuple(map(value, operation.inputs)) for operation in _comparisons(condition)]
    counts = [int(end) - int(start) for start, end in ranges if start is not None and end is not None]
    if not counts:
        raise UnknownFlopsError(f"how often {loop.name} runs")
    return max(0, min(counts))


def _comparisons(condition: Any) -> Iterator[Any]:
    return (operation for operation in condition.get_operations() if operation.type == "Less")


def _product(operation: Any) -> int:
    """Of a product of matrices."""
    transposed = operation.get_attr("transpose_a" if operation.type == "MatMul" else "adj_x")
    left = _shape(operation.inputs[0])
    return 2 * math.prod(_shape(operation.outputs[0])) * left[-2 if transposed else -1]


def _convolution(operation: Any) -> int:
    kernel = _shape(operation.inputs[1])
    return 2 * math.prod(_shape(operation.outputs[0])) * math.prod(kernel[:-1])


def _depthwise(operation: Any) -> int:
    kernel = _shape(operation.inputs[1])
    return 2 * math.prod(_shape(operation.outputs[0])) * math.prod(kernel[:2])


def _transposed_convolution(operation: Any) -> int:
    kernel = _shape(operation.inputs[1])
    return 2 * math.prod(_shape(operation.inputs[2])) * math.prod(kernel[:-1])


def _einsum(operation: Any) -> int:
    terms = operation.get_attr("equation").decode().partition("->")[0].split(",")
    sizes: dict[object, int] = {}
    for term, tensor in zip(terms, operation.inputs, strict=True):
        shape = _shape(tensor)
        for name, size in zip(_axes(term, len(shape)), shape, strict=True):
            sizes[name] = max(sizes.get(name, 1), size)
    return 2 * math.prod(sizes.values()) if len(terms) > 1 else 0


def _axes(term: str, rank: int) -> list[object]:
    """Returns a name for each axis of a term; those behind an ellipsis are numbered from the last."""
    before, ellipsis, after = term.partition("...")
    hidden = range(rank - len(before) - len(after), 0, -1) if ellipsis else ()
    return [*before, *hidden, *after]


def _sum(operation: Any) -> int:
    """Of a sum of products that the model spells out, as `sum(x[:, :, None] * w)` is; 0 of another sum."""
    product = operation.inputs[0].op
    if product.type != "Mul":
        return 0
    size = math.prod(_shape(product.outputs[0]))
    return 2 * size if size > max(math.prod(_shape(factor)) for factor in product.inputs) else 0


def _recurrent(operation: Any) -> int:
    """Of cuDNN's recurrent layer, which takes (steps, batch, features) and a state (directions, batch, units)."""
    steps, batch, features = _shape(operation.inputs[0])
    directions, _, units = _shape(operation.inputs[1])
    return 2 * steps * batch * directions * _GATES[operation.get_attr("rnn_mode")] * units * (features + units)


def _shape(tensor: Any) -> list[int]:
    shape = tensor.shape
    if shape.rank is None or not shape.is_fully_defined():
        raise UnknownFlopsError(f"the shape of {tensor.name}")
    sizes: list[int] = shape.as_list()
    return sizes


_COUNTS: dict[str, Callable[[Any], int]] = {
    **dict.fromkeys(("MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _product),
    **dict.fromkeys(("Conv2D", "Conv3D"), _convolution),
    "DepthwiseConv2dNative": _depthwise,
    **dict.fromkeys(("Conv2DBackpropInput", "Conv3DBackpropInputV2"), _transposed_convolution),
    "Einsum": _einsum,
    "Sum": _sum,
    **dict.fromkeys(("CudnnRNN", "CudnnRNNV2", "CudnnRNNV3"), _recurrent),
}
