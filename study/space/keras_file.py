"""Reads the names of the layers in a `.keras` file. The file is a zip of texts, so this needs no Keras."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from study.errors import TaskError
from study.space.surgery import Kind

_GRAPHS = ("Functional", "Sequential", "Model")
_WITHOUT_WEIGHTS = re.compile(
    r"\w*(Activation|ReLU|ELU|Softmax|Dropout\w*|Pooling\dD|Flatten|Reshape|Permute|RepeatVector|ZeroPadding\dD"
    r"|Cropping\dD|UpSampling\dD|Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Dot|GaussianNoise|Identity"
    r"|Rescaling|Masking)"
)


def hidden_layers(path: Path, kind: Kind) -> list[str]:
    """Returns the layers of a saved model on which this operation makes sense, in the order of the file.

    Its inputs are left out. A layer that gives the model's answer is left out if it would be missed. A layer inside
    another model is named `model/layer`. Raises TaskError if the file holds no such model.
    """
    model = _config(path)
    if model.get("class_name") not in _GRAPHS:
        raise TaskError(f"{path.name} holds a {model.get('class_name')}, which has no graph of layers; list the layers")
    return [name for name, layer, last in _layers(model, "", last=True) if _makes_sense(layer, kind, last=last)]


def _makes_sense(layer: Mapping[str, Any], kind: Kind, *, last: bool) -> bool:
    if kind in ("remove", "identity"):
        return not last
    return layer.get("module", "").startswith("keras.src.ops") is False and not _WITHOUT_WEIGHTS.fullmatch(
        str(layer["class_name"])
    )


def _config(path: Path) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as file:
            config: dict[str, Any] = json.loads(file.read("config.json"))
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise TaskError(f"{path}: is no .keras file ({type(error).__name__}); save it with model.save") from None
    return config


def _layers(model: Mapping[str, Any], within: str, *, last: bool) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yields the layers of a model: path, configuration, and whether the whole model's answer is its output."""
    layers = model["config"]["layers"]
    ends = {*_names(model["config"]["output_layers"])} if "output_layers" in model["config"] else {_name(layers[-1])}
    for layer in layers:
        name, is_last = _name(layer), last and _name(layer) in ends
        if layer["class_name"] in _GRAPHS and "layers" in layer["config"]:
            yield from _layers(layer, f"{within}{name}/", last=is_last)
        elif layer["class_name"] != "InputLayer":
            yield f"{within}{name}", layer, is_last


def _name(layer: Mapping[str, Any]) -> str:
    return str(layer.get("name") or layer["config"]["name"])


def _names(outputs: Any) -> Iterator[str]:
    """Yields the names in `output_layers`: entries such as `["dense", 0, 0]`, in lists or in tables."""
    if isinstance(outputs, Mapping):
        outputs = list(outputs.values())
    if isinstance(outputs, list) and outputs and isinstance(outputs[0], str):
        yield outputs[0]
    elif isinstance(outputs, list):
        for each in outputs:
            yield from _names(each)
