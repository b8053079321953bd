"""The Python code that a model card shows: it loads a model, reads the sample inputs, and asks the model."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from study.data.nest import Nest

TEXTS = "texts"


@dataclass(frozen=True)
class SampleArray:
    """An array of a model's inputs, as it lies in the file of sample inputs."""

    name: str
    """Its name in the file."""
    type: str
    """Its type, such as `float32`, or TEXTS."""
    shape: tuple[int | None, ...]
    """The shape of one example. None if a model takes any size there."""

    @property
    def words(self) -> str:
        """Returns type and shape for a comment."""
        sizes = ["examples", *("any" if size is None else str(size) for size in self.shape)]
        return f"{self.type} of shape ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


@dataclass(frozen=True)
class SampleFile:
    """The file of sample inputs: its name, and the structure in which a model takes its arrays."""

    name: str
    arrays: Nest
    """A SampleArray in the place of each array."""

    def reading(self, *, tensors: bool = True) -> str:
        """Returns the lines that read the inputs. With `tensors`, texts become tensors, as Keras takes them."""
        load = f"np.load({quoted(self.name)})"
        if isinstance(self.arrays, SampleArray):
            return f"inputs = {_expression(self.arrays, load, tensors)}  # {self.arrays.words}"
        return "\n".join([f"sample = {load}", *_lines(self.arrays, "inputs = ", "", "", tensors)])


def _expression(array: SampleArray, source: str, tensors: bool) -> str:
    read = f"{source}[{quoted(array.name)}]"
    return f"keras.ops.convert_to_tensor({read})" if tensors and array.type == TEXTS else read


def _lines(nest: Nest, before: str, indent: str, after: str, tensors: bool) -> Iterator[str]:
    """Yields the lines of a nest as Python code."""
    if isinstance(nest, SampleArray):
        yield f"{indent}{before}{_expression(nest, 'sample', tensors)}{after}  # {nest.words}"
        return
    if nest is None:
        yield f"{indent}{before}None{after}"
        return
    opening, closing = "{}" if isinstance(nest, dict) else "()" if isinstance(nest, tuple) else "[]"
    parts = [(f"{quoted(name)}: ", nest[name]) for name in nest] if isinstance(nest, dict) else [("", p) for p in nest]
    yield f"{indent}{before}{opening}"
    for name, part in parts:
        yield from _lines(part, name, f"{indent}    ", ",", tensors)
    yield f"{indent}{closing}{after}"


def quoted(text: str) -> str:
    """Returns a text as Python code."""
    return json.dumps(text, ensure_ascii=False) if text.isprintable() else repr(text)


def keras_code(
    samples: SampleFile,
    file: str,
    *,
    name: str = "model",
    objects: Mapping[str, str] | None = None,
    options: Iterable[str] = (),
) -> str:
    """Returns the code that loads a Keras file. `objects` are the task's own classes and functions, with their modules.

    `options` are further arguments of `load_model`, as code.
    """
    own = ", ".join(f"{quoted(each)}: {each}" for each in objects or ())
    arguments = [quoted(file), *([f"custom_objects={{{own}}}"] if own else []), *options]
    imports = ["import keras", "import numpy as np", *_imports(objects or {})]
    return _code(imports, [f"{name} = keras.models.load_model({', '.join(arguments)})"], samples, name=name)


def rebuilding_code(
    samples: SampleFile | None,
    weights: str,
    *,
    imports: Sequence[str],
    making: Sequence[str],
    changing: Sequence[str] = (),
) -> str:
    """Returns the code that makes a model by the task's code and gives it the weights in a file.

    `making` are the lines that leave the untrained model in `model`, and `changing` those that change its layers when
    it has weights. Without samples the model is not asked.
    """
    predict = "model.predict(inputs, verbose=0)"
    built = [f"{predict}  # Makes the weights of layers that have none yet."] if samples else []
    asked = "answers = model.predict(inputs)"
    loading = [
        *making,
        *([samples.reading()] if samples else []),
        *built,
        *([*changing, *built] if changing else []),
        f"model.set_weights(list(np.load({quoted(weights)}).values()))",
        *([asked] if samples else []),
    ]
    needs_keras = any("keras." in line for line in loading)
    return "\n".join([*(["import keras"] if needs_keras else []), "import numpy as np", *imports, "", *loading])


def mlflow_code(samples: SampleFile, address: str) -> str:
    """Returns the code that loads a model of MLflow's."""
    loading = [f"model = mlflow.pyfunc.load_model({quoted(address)})"]
    return _code(["import mlflow", "import numpy as np"], loading, samples, tensors=False)


def _code(
    imports: Sequence[str], loading: Sequence[str], samples: SampleFile, *, name: str = "model", tensors: bool = True
) -> str:
    return "\n".join([*imports, "", *loading, samples.reading(tensors=tensors), f"answers = {name}.predict(inputs)"])


def _imports(objects: Mapping[str, str]) -> Iterator[str]:
    """Yields the lines that import the task's own objects."""
    for module in dict.fromkeys(objects.values()):
        yield f"from {module} import {', '.join(name for name, place in objects.items() if place == module)}"
