"""Layers of well-known networks, built without weights at small sizes: each is changed and trains, or is refused.

A few layers of each network are tried. With EVERY_LAYER=1 in the environment all are, which takes hours.
"""

import os
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from study.errors import SurgeryError
from study.space.surgery import REFUSED, Operation
from study.training.layer_surgery import operate
from tests.training.surgery.models import compiled

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
if "EVERY_LAYER" in os.environ:
    pytestmark.append(pytest.mark.timeout(0))
NETWORKS = {
    **dict.fromkeys(("VGG16", "ResNet50", "ResNet50V2", "MobileNet", "MobileNetV2", "MobileNetV3Small"), 32),
    **dict.fromkeys(("DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "NASNetMobile", "ConvNeXtTiny"), 32),
    **{"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71},
}
TRIED = 10
CHANGES: dict[str, Operation] = {
    "remove": Operation("remove", ()),
    "remove, mended": Operation("remove", (), mend="project"),
    "identity, mended": Operation("identity", (), mend="project"),
    "freeze": Operation("freeze", ()),
    "reinitialise": Operation("reinitialise", ()),
    "activation": Operation("activation", (), activation="tanh"),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_each_layer_is_changed_and_the_network_trains_or_it_is_refused(name: str) -> None:
    keras.utils.clear_session()
    size = NETWORKS[name]
    model = compiled(getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3), classes=3))
    draw = np.random.default_rng(0)
    batch = draw.uniform(0, 255, (2, size, size, 3)).astype("float32"), np.eye(3, dtype="float32")[[0, 2]]
    done = 0
    for number, layer in enumerate(tried(model)):
        kinds = list(CHANGES) if number % 3 == 0 or "EVERY_LAYER" in os.environ else ["remove, mended"]
        done += sum(changed(model, layer, CHANGES[kind], batch) for kind in kinds)
    assert done


def tried(model: Any) -> list[str]:
    names = [layer.name for layer in model.layers]
    return names if "EVERY_LAYER" in os.environ else names[:: max(1, len(names) // TRIED)]


def changed(model: Any, layer: str, operation: Operation, batch: tuple[Any, Any]) -> bool:
    """Change a layer and train a step. Returns False if the layer is refused, with a reason."""
    try:
        made = operate(model, [replace(operation, layers=(layer,))], seed=1)
    except SurgeryError as error:
        text = str(error)
        assert text.startswith(f"{REFUSED}{layer} cannot be ")
        assert "\n" not in text
        assert len(text) < 500
        return False
    assert made.output_shape == model.output_shape
    assert made.count_params() > 0
    made.train_on_batch(*batch)
    model.get_layer(layer).trainable = True  # Layers are frozen in the model itself.
    return True
