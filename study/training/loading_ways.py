"""The ways to load a trained model's file, from the one that needs nothing to the one that needs the task's code."""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from study.training.building_code import BuildingCode
from study.training.loading_code import SampleFile, keras_code, rebuilding_code
from study.training.own_objects import OwnObjects
from study.training.task_home import TaskHome


@dataclass(frozen=True)
class Way:
    """A way to load a model: its code, and in words what it takes."""

    code: str
    words: str
    folders: Sequence[str] = ()
    """The folders with the task's code if that is needed."""

    def in_markdown(self) -> str:
        """Returns the code and the words, as a model card shows them."""
        return f"```python\n{self.code}\n```\n\n{self.words}"


def file_ways(samples: SampleFile, file: str, own: OwnObjects, home: TaskHome, *, name: str = "model") -> Iterator[Way]:
    """Yields the ways to load a Keras file, the best one first."""
    yield Way(keras_code(samples, file, name=name), "It needs Keras 3 and no code of the study.")
    options, needs = (["safe_mode=False"], _trust()) if own.lambdas else ([], "It needs Keras 3")
    if own.lambdas:
        yield Way(keras_code(samples, file, name=name, options=options), f"{needs} and no other code of the study.")
    objects = {each: home.place_of(each, module) for each, module in own.modules.items()}
    if objects and all(objects.values()):
        code = keras_code(samples, file, name=name, objects=objects, options=options)
        places = dict.fromkeys(objects.values())
        files = ", ".join(f"`{home.file if place == home.name else place}`" for place in places)
        words = f"{needs} and the task's own {', '.join(objects)}, whose code ({files}) is not in this folder."
        yield Way(code, words, home.folders)


def _trust() -> str:
    version = ".".join(platform.python_version_tuple()[:2])
    return (
        "The file holds the code of functions, as a Lambda layer has it. Keras runs this code only with "
        f"`safe_mode=False`, so open the file only if you trust its origin. It needs Python {version}, Keras 3"
    )


def rebuilt(samples: SampleFile | None, weights: str, building: BuildingCode, home: TaskHome, *, problem: str) -> Way:
    """Returns the way by the task's code. `problem` says why Keras alone cannot load the model."""
    words = (
        f"Keras alone cannot load this model: {problem}. This code takes the task's own, `{home.file}`, which is not "
        "in this folder."
    )
    if building.changing:
        words += " It also takes the package `keras-study`, which changes the layers as the study did."
    code = rebuilding_code(
        samples, weights, imports=building.imports, making=building.lines, changing=building.changing
    )
    return Way(code, words, home.folders)
