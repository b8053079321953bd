"""A task whose loss is never a number."""

from typing import TYPE_CHECKING

from study.task import Settings
from tests.handwritten import Handwritten

if TYPE_CHECKING:
    import keras


class Exploding(Handwritten):
    """The handwritten digits, with a loss that is never a number."""

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """Build the same model, and compile it with that loss."""
        import keras

        model = super().build(settings, steps=steps)
        model.compile(loss=lambda true, predicted: keras.ops.mean(predicted) * float("nan"))
        return model


task = Exploding()
