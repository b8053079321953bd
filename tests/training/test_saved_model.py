"""A saved model: asked and written to a file by a worker, or refused if its weights do not fit."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.engines.cell_folder import WEIGHTS
from study.errors import DataError
from study.space.toml_file import read
from study.space.trial import TrialConfig
from study.training import checkpoint
from study.training.new_model import build
from study.training.saved_model import ANSWERS, INPUTS, MODEL, answer, inference_model, load_model, model_inputs, save
from tests.conftest import ROOT
from tests.handwritten import Handwritten
from tests.training.test_probe import Answers

ASKED = np.random.default_rng(0).random((3, 64))


@pytest.fixture
def config() -> TrialConfig:
    return read(ROOT / "tests" / "handwritten.toml").config({}, seed=0)


@pytest.fixture
def model(config: TrialConfig, tmp_path: Path) -> Any:
    """A model whose weights are those in the folder, and no longer those that the seed gives."""
    made = build(Handwritten(), config, (ASKED, np.zeros(3, np.uint8)))
    made.set_weights([weight + 1 for weight in made.get_weights()])
    checkpoint.save_weights(tmp_path / WEIGHTS, made, key=config.key)
    return made


def test_a_loaded_model_has_the_saved_weights(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    task, loaded, data = load_model(config, tmp_path)
    assert (task.name, data.counts["test"]) == ("handwritten", 397)
    assert all(np.array_equal(a, b) for a, b in zip(loaded.get_weights(), model.get_weights(), strict=True))


def test_weights_of_another_model_are_refused(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    other = read(ROOT / "tests" / "handwritten.toml").config({"units": 7}, seed=0)
    with pytest.raises(DataError, match=r"weights\.npz: the saved weights do not fit the model that task "):
        load_model(other, tmp_path)


def test_it_answers_what_lies_in_the_folder(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    np.save(tmp_path / INPUTS, ASKED)
    assert answer(config, Answers(True, tmp_path)).state == "complete"
    assert np.allclose(np.load(tmp_path / ANSWERS), model.predict(ASKED, verbose=0), atol=1e-6)


def test_its_file_loads_without_the_task(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    save(config, Answers(True, tmp_path))
    loaded = keras.models.load_model(tmp_path / MODEL)
    assert not loaded.compiled
    assert np.allclose(loaded.predict(ASKED, verbose=0), model.predict(ASKED, verbose=0), atol=1e-6)


def test_a_model_without_declared_inputs_is_left_as_it_is() -> None:
    class Late(keras.Model):  # type: ignore[misc]
        pass

    late = Late()
    assert inference_model(late) is late
    assert model_inputs(late, np.zeros(3, bool)).dtype == np.float32
