"""Small models on which changes to layers are tried, and models that chance puts together."""

import random
from typing import Any

import keras
import numpy as np

INPUTS = (8, 8, 3)


def compiled(model: Any, **changes: Any) -> Any:
    """A model as a task returns it."""
    model.compile(**{"optimizer": keras.optimizers.Adam(0.01), "loss": "mse", "run_eagerly": True, **changes})
    return model


def chain() -> Any:
    """A convnet without branches: 3 → 4 → 4 → 6 channels."""
    layers = [
        keras.Input(INPUTS),
        keras.layers.Conv2D(4, 3, activation="relu", padding="same", name="conv_1"),
        keras.layers.BatchNormalization(name="norm_1"),
        keras.layers.Conv2D(4, 3, activation="relu", padding="same", name="conv_2"),
        keras.layers.MaxPooling2D(name="pool"),
        keras.layers.Conv2D(6, 2, name="conv_3"),
        keras.layers.ReLU(name="relu_3"),
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(2, name="answer"),
    ]
    return compiled(keras.Sequential(layers))


def residual(merge: Any = keras.layers.Add) -> Any:
    """A block of two convolutions beside a shortcut, with a gate (squeeze and excitation) behind it."""
    inputs = keras.Input(INPUTS)
    x = start = keras.layers.Conv2D(4, 1, name="stem")(inputs)
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="block_1")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", name="block_2")(x)
    x = merged = merge(name="merge")([start, x])
    x = keras.layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(x)
    x = keras.layers.Conv2D(merged.shape[-1], 1, activation="sigmoid", name="gate")(x)
    x = keras.layers.Multiply(name="gated")([merged, x])
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return compiled(keras.Model(inputs, keras.layers.Dense(2, name="answer")(x)))


def towers() -> Any:
    """Two inputs, a tower for each, and two answers."""
    image, table = keras.Input(INPUTS, name="image"), keras.Input((5,), name="table")
    seen = keras.layers.GlobalMaxPooling2D(name="seen")(keras.layers.Conv2D(4, 3, name="look")(image))
    read = keras.layers.Dense(3, activation="tanh", name="read")(table)
    both = keras.layers.Concatenate(name="both")([seen, read])
    both = keras.layers.Dense(7, activation="relu", name="think")(both)
    answers = {"size": keras.layers.Dense(1, name="size")(both), "kind": keras.layers.Dense(3, name="kind")(both)}
    return compiled(keras.Model({"image": image, "table": table}, answers), loss={"size": "mse", "kind": "mae"})


def nested() -> Any:
    """A backbone that is a model of its own and is used twice, as siamese networks do."""
    x = inner = keras.Input(INPUTS)
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv_1")(x)
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv_2")(x)
    backbone = keras.Model(inner, keras.layers.GlobalAveragePooling2D(name="pool")(x), name="backbone")
    one, two = keras.Input(INPUTS), keras.Input(INPUTS)
    apart = keras.layers.Subtract(name="apart")([backbone(one), backbone(two)])
    return compiled(keras.Model([one, two], keras.layers.Dense(1, name="answer")(apart)))


def by_chance(seed: int) -> Any:
    """A functional model of some ten layers, among them merges, pools, shared layers and operations such as `x + y`."""
    keras.utils.clear_session()  # An operation such as `x + y` is called by how many there were before.
    draw = random.Random(seed)
    tensors = [keras.Input(INPUTS, name="input")]
    shared = keras.layers.Conv2D(4, 3, padding="same", name="shared")
    for number in range(draw.randint(4, 9)):
        tensors.append(_step(draw, tensors, shared, f"{number}"))
    x = tensors[-1]
    if len(x.shape) > 2:
        x = draw.choice([keras.layers.Flatten, keras.layers.GlobalAveragePooling2D])(name="flat")(x)
    return compiled(keras.Model(tensors[0], keras.layers.Dense(2, name="answer")(x)))


def _step(draw: random.Random, tensors: list[Any], shared: Any, name: str) -> Any:
    x = draw.choice(tensors[-3:])
    alike = [other for other in tensors if tuple(other.shape) == tuple(x.shape) and other is not x]
    kind = draw.choice(["conv", "conv", "norm", "drop", "shared", "act", "pool", "add", "concat", "plus", "times"])
    if kind == "shared" and x.shape[-1] == 3:
        return shared(x)
    if kind in ("add", "concat", "plus") and alike:
        other = draw.choice(alike)
        merges = {"add": keras.layers.Add(name=f"sum_{name}"), "concat": keras.layers.Concatenate(name=f"cat_{name}")}
        return x + other if kind == "plus" else merges[kind]([x, other])
    makers = {
        "norm": lambda: keras.layers.BatchNormalization(name=f"norm_{name}"),
        "drop": lambda: keras.layers.Dropout(0.2, name=f"drop_{name}"),
        "act": lambda: keras.layers.ReLU(name=f"relu_{name}"),
        "pool": lambda: keras.layers.AveragePooling2D(2, padding="same", name=f"pool_{name}"),
        "times": lambda: keras.layers.Rescaling(2.0, name=f"times_{name}"),
    }
    convolution = keras.layers.Conv2D(draw.choice([3, 4, 6]), 3, padding="same", activation="relu", name=f"conv_{name}")
    return makers.get(kind, lambda: convolution)()(x)


def batch(model: Any, count: int = 2) -> tuple[Any, Any]:
    """Inputs and targets of a model, drawn by chance."""
    draw = np.random.default_rng(0)

    def drawn(tensor: Any) -> Any:
        return draw.normal(size=(count, *tensor.shape[1:])).astype("float32")

    graph = getattr(model, "_functional", None) or model
    return tuple(keras.tree.map_structure(drawn, nest) for nest in (graph._inputs_struct, graph._outputs_struct))
