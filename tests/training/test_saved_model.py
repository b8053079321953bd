"""A saved model: loaded and asked by a worker, or refused if its weights or its numbers are others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data.nest_file import read_nest, write_nest
from study.engines.cell_folder import WEIGHTS
from study.errors import DataError
from study.space.toml_file import read
from study.space.trial import TrialConfig
from study.training import checkpoint
from study.training.checkpoint import Saved
from study.training.fit import train
from study.training.model_inputs import VALIDATION_BATCH
from study.training.new_model import build
from study.training.saved_model import ANSWERS, INPUTS, RECORDED, answer, load_model, load_reproduced
from tests.conftest import ROOT
from tests.handwritten import Handwritten
from tests.training.one_trial import Report
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
    checkpoint.write(tmp_path / WEIGHTS, Saved(made.get_weights()), key=config.key)
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
    record(config, model, tmp_path)
    write_nest(tmp_path / INPUTS, ASKED)
    assert answer(config, Answers(True, tmp_path)).state == "complete"
    assert np.allclose(read_nest(tmp_path / ANSWERS), model.predict(ASKED, verbose=0), atol=1e-6)


def record(config: TrialConfig, model: Any, folder: Path, **changes: float) -> None:
    """Write what a study would have recorded of this model."""
    inputs, targets = load_model(config, folder)[2].splits["validation"]
    count = config.fidelity.validation_examples
    metrics = model.evaluate(inputs[:count], targets[:count], batch_size=VALIDATION_BATCH, verbose=0, return_dict=True)
    recorded = {"loss": 9.0, **{f"val_{name}": value for name, value in metrics.items()}, **changes}
    about = {"metrics": recorded, "environment": {"threads": 7}, "data": "another"}
    (folder / RECORDED).write_text(json.dumps(about), encoding="utf-8")


def test_a_model_that_gives_its_recorded_numbers_is_used(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    record(config, model, tmp_path)
    _, loaded, _ = load_reproduced(config, Answers(True, tmp_path))
    assert np.array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_one_of_other_numbers_is_refused_with_what_has_changed(config: TrialConfig, model: Any, tmp_path: Path) -> None:
    record(config, model, tmp_path, val_acc=0.5)
    with pytest.raises(DataError) as refused:
        load_reproduced(config, Answers(True, tmp_path))
    text = str(refused.value)
    assert text.startswith("its saved weights do not give the recorded numbers: val_acc is 0.")
    assert ", not 0.5; changed since then: threads: 7 -> " in text
    assert ", data: another -> " in text


@pytest.mark.parametrize("name", ["vae", "gan"])
def test_metrics_for_which_a_model_draws_random_numbers_are_not_compared(name: str, tmp_path: Path) -> None:
    config = read(ROOT / "tests" / "workloads" / f"{name}.toml").config({}, seed=0)
    result = train(config, Report(tmp_path))
    assert result.state == "complete", result.reason
    about = {"metrics": result.metrics, "environment": {}, "data": ""}
    (tmp_path / RECORDED).write_text(json.dumps(about), encoding="utf-8")
    _, loaded, _ = load_reproduced(config, Answers(True, tmp_path))
    assert loaded.built
