"""Which metrics a model will report after each epoch, as far as that is known before the first one."""

from typing import TYPE_CHECKING

from study.training.model_inputs import needs_keras_loop

if TYPE_CHECKING:
    import keras

_OWN_METRICS = ("compute_metrics", "get_metrics_result")
"""If a model overrides one of these methods, it may report metrics that it does not have yet."""


def reported_metrics(model: "keras.Model") -> tuple[str, ...]:
    """Returns the names of the metrics of a model that is built: those of the training, then those of the validation.

    Returns no name if the model trains or measures in its own way, because only its epochs show what it reports.
    """
    import keras  # Here, because the launcher imports this module's callers and must not load TensorFlow.

    own = any(getattr(type(model), method) is not getattr(keras.Model, method) for method in _OWN_METRICS)
    if own or needs_keras_loop(model):
        return ()
    try:
        names = sorted(model.get_metrics_result())
    except Exception:  # A metric of the user's own may need an example before it has a result.
        return ()
    return (*names, *(f"val_{name}" for name in names))
