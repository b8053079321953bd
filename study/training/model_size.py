"""How large a model is: how many numbers it holds, and what one forward pass costs."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.data.dataset import SplitData
from study.training.flops import flops
from study.training.model_inputs import first_batch, has_weights

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class ModelSize:
    """The size of a model. None for what is not known."""

    parameters: int | None
    flops: int | None

    def known(self) -> dict[str, float]:
        """Returns the numbers that are known, by name."""
        return {name: number for name, number in vars(self).items() if number is not None}


def model_size(model: "keras.Model", examples: SplitData) -> ModelSize:
    """Returns the size of a model that was built on these examples."""
    return ModelSize(parameters(model), flops(model, first_batch(model, examples, size=1)[0]))


def parameters(model: "keras.Model") -> int | None:
    """Returns how many numbers a model's weights hold; None if it makes some of its weights only in training."""
    return count_weights(model) if has_weights(model) else None


def count_weights(model: "keras.Model") -> int:
    """Returns how many numbers the weights hold that a model has now."""
    return sum(math.prod(weight.shape) for weight in model.weights)
