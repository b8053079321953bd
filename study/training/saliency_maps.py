"""Finds which parts of its images a trained model looks at: parts are exchanged, and the change of each answer counts.

An example gets the part of another example, so that each place holds only what it may hold. A part that is the same in
all examples can tell nothing, and it changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from study.data.dataset import Dataset
from study.data.nest import Nest, leaves, map_nest, take, with_leaves
from study.data.nest_file import write_nest
from study.engines.engine import Report
from study.errors import DataError
from study.space.task_code import code_of
from study.space.trial import TrialConfig, TrialResult
from study.training.environment import task_in_worker
from study.training.image_parts import Exchange, Image, Part, exchanges, together
from study.training.model_answers import model_inputs, predict
from study.training.model_inputs import VALIDATION_BATCH, some_examples
from study.training.saved_model import load_reproduced
from study.training.task_data import attach_data
from study.training.trial_examples import trial_examples

Array = np.ndarray[Any, Any]

MAPS = "maps.npz"
"""In the trial's folder: the maps, as `SaliencyMaps.to_nest` gives them."""
PREDICTIONS = 100_000
"""How many images a model is asked about at most. The more parts an image has, the fewer examples are taken."""
FEWEST, MOST = 50, 500
"""Of small and of large images so many examples are taken."""
MOST_ANSWERS = 64
"""A model with more answers to an image, such as one for each pixel, gets a single map."""


@dataclass(frozen=True)
class SaliencyMaps:
    """How much each answer of a model depends on each pixel of its image."""

    maps: Array
    """float32 (answers, rows, columns): the mean change of an answer if the part with this pixel is exchanged."""
    examples: int
    probabilities: bool
    """Whether a change is the share of the probability that moves to other classes, from 0 to 1.

    If not, it is the mean change of the numbers of the answer.
    """

    def to_nest(self) -> Nest:
        """Returns the maps as arrays in a dict."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of_nest(cls, nest: Mapping[str, Array]) -> "SaliencyMaps":
        """Returns the maps that `to_nest` gave."""
        return cls(nest["maps"], int(nest["examples"]), bool(nest["probabilities"]))


def find_image(config: TrialConfig, report: Report) -> TrialResult:
    """Raise DataError if the inputs of a trial hold no image, before its model is trained. This is a trial function."""
    task, code = task_in_worker(config), code_of(config)
    _, data = attach_data(task, config, code=code, on_progress=report.preparing)
    Image.among(_validation_inputs(data, config))
    return TrialResult("complete")


def map_saliency(config: TrialConfig, report: Report) -> TrialResult:
    """Write the maps of a trained model on the first validation examples. This is a trial function."""
    _, model, data = load_reproduced(config, report)
    made = saliency_maps(lambda inputs: predict(model, model_inputs(model, inputs)), _validation_inputs(data, config))
    write_nest(report.folder / MAPS, made.to_nest())
    return TrialResult("complete")


def _validation_inputs(data: Dataset, config: TrialConfig) -> Nest:
    inputs: Nest = some_examples(trial_examples(data, config)[1])[0]
    return map_nest(np.asarray, take(inputs, slice(MOST)))


def saliency_maps(answer: Callable[[Nest], Nest], inputs: Nest) -> SaliencyMaps:
    """Returns a map for each answer of a model, or one for the mean of all if there are more than MOST_ANSWERS.

    `answer` gives a model's answers to inputs. Raises DataError if the inputs hold no image, or if the answers are no
    numbers.
    """
    image = Image.among(inputs)
    parts = image.parts()
    asked = _Asked(answer, take(inputs, slice(min(max(PREDICTIONS // len(parts), FEWEST), MOST))), image)
    sums = np.zeros((asked.answers, image.rows, image.columns))
    for several in together(exchanges(asked.images, parts)):
        for part, change in asked.changes(several):
            sums[:, *part[image.axis :]] = change[:, np.newaxis, np.newaxis]
    examples = len(asked.images)
    return SaliencyMaps((sums / examples).astype(np.float32), examples, all(asked.probabilities))


@dataclass(frozen=True)
class _Asked:
    """A model, and the examples about which it is asked."""

    answer: Callable[[Nest], Nest]
    inputs: Nest
    image: Image

    @property
    def images(self) -> Array:
        images: Array = list(leaves(self.inputs))[self.image.leaf]
        return images

    @cached_property
    def before(self) -> list[Array]:
        """The answers to the examples as they are."""
        return _by_answer(self.answer(self.inputs))

    @cached_property
    def probabilities(self) -> list[bool]:
        """Whether the numbers of an answer are the probabilities of classes, for each array of answers."""
        return [
            array.shape[-1] > 1 and bool(array.min() >= 0 and np.allclose(array.sum(axis=-1), 1, atol=1e-3))
            for array in self.before
        ]

    @property
    def answers(self) -> int:
        """How many maps there will be."""
        total = sum(array.shape[1] for array in self.before)
        return total if total <= MOST_ANSWERS else 1

    def changes(self, several: list[Exchange]) -> Iterator[tuple[Part, Array]]:
        """Yields each part, and how far its exchange moves each answer: the sum over the examples, float (answers,)."""
        rows = np.concatenate([exchange.rows for exchange in several])
        if not len(rows):
            return
        # Whole batches, because JAX compiles a model anew for each other size.
        filled = np.resize(np.arange(len(rows)), -(-len(rows) // VALIDATION_BATCH) * VALIDATION_BATCH)
        arrays = list(leaves(take(self.inputs, rows[filled])))
        arrays[self.image.leaf] = np.concatenate([exchange.images for exchange in several])[filled]
        after = _by_answer(self.answer(with_leaves(self.inputs, arrays)))
        distances = self._distances(take(self.before, rows), take(after, slice(len(rows))))
        ends = np.cumsum([len(exchange.rows) for exchange in several])[:-1]
        for exchange, moved in zip(several, np.split(distances, ends), strict=True):
            yield exchange.part, moved.sum(axis=0)

    def _distances(self, before: list[Array], after: list[Array]) -> Array:
        """Returns how far each answer to each example moved: (examples, answers)."""
        moved = [
            abs(then - now).sum(axis=-1) / (2 if sums_to_one else then.shape[-1])
            for then, now, sums_to_one in zip(before, after, self.probabilities, strict=True)
        ]
        distances: Array = np.concatenate(moved, axis=1)
        return distances if distances.shape[1] == self.answers else distances.mean(axis=1, keepdims=True)


def _by_answer(answers: Nest) -> list[Array]:
    """Returns each array of answers as (examples, answers, numbers): of six digits there are six of ten numbers."""
    arrays = [np.asarray(array) for array in leaves(answers)]
    if any(array.dtype.kind not in "biuf" for array in arrays):
        raise DataError("its answers are no numbers, so nobody can tell how far they move")
    return [array.reshape(len(array), -1, array.shape[-1] if array.ndim > 1 else 1).astype(float) for array in arrays]
