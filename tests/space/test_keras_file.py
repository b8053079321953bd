"""The layers of a saved model, read without Keras."""

import zipfile
from pathlib import Path

import keras
import pytest

from study.errors import TaskError
from study.space.keras_file import hidden_layers


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras.utils.clear_session()  # Keras counts the layers of a process, and `add` is named by this count.
    inner = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Conv2D(2, 3, name="conv"), keras.layers.BatchNormalization(name="norm")],
        name="trunk",
    )
    x = inputs = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Flatten(name="flat")(inner(x))
    x = keras.layers.Dropout(0.1, name="drop")(x + 1.0)
    model = keras.Model(inputs, [keras.layers.Dense(1, name="first")(x), keras.layers.Dense(1, name="second")(x)])
    path = tmp_path_factory.mktemp("saved") / "model.keras"
    model.save(path)
    return path


def test_layers_are_named_in_the_order_of_the_file_without_inputs_and_answers(saved: Path) -> None:
    assert hidden_layers(saved, "remove") == ["trunk/conv", "trunk/norm", "flat", "add", "drop"]


def test_what_needs_weights_is_asked_of_layers_that_may_have_some(saved: Path) -> None:
    assert hidden_layers(saved, "freeze") == ["trunk/conv", "trunk/norm", "first", "second"]


def test_other_files_are_refused_by_name(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "text.keras").write_text("no zip")
    with pytest.raises(TaskError, match=r"text\.keras: is no \.keras file \(BadZipFile\); save it with model\.save"):
        hidden_layers(tmp_path / "text.keras", "remove")
    with zipfile.ZipFile(tmp_path / "own.keras", "w") as file:
        file.writestr("config.json", '{"class_name": "Mine", "config": {}}')
    with pytest.raises(TaskError, match=r"own\.keras holds a Mine, which has no graph of layers; list the layers"):
        hidden_layers(tmp_path / "own.keras", "remove")
