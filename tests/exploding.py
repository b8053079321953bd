"""A task whose loss is never a number."""

from typing import TYPE_CHECKING

from study.task import Settings
from tests.handwritten import Handwritten

if TYPE_CHECKING:
    import keras


class Exploding(Handwritten):
    """Handwritten digits with a loss of zero by zero."""

    def build(self, settings: Settings, *, steps: int) -> "keras.Model":
        """The same model, with another loss."""
        import keras

        model = super().build(settings, steps=steps)
        model.compile(loss=lambda true, predicted: keras.ops.mean(predicted) * float("nan"))
        return model


task = Exploding()
