"""Whole trials on structures and on streams give the numbers of `fit` over the same batches, to the last bit."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from study.space.task_loading import load_task
from study.space.trial import Metrics, TrialConfig
from study.task import Fidelity, defaults
from study.training import keras_state
from study.training.example_order import chosen_examples, epoch_order, epoch_seed
from study.training.fit import train
from study.training.saved_model import RECORDED, score
from tests.conftest import ROOT
from tests.in_process import Dropped, trained

pytest.importorskip("tensorflow")
Curve = list[dict[str, float]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))


def config(name: str, **settings: Any) -> TrialConfig:
    reference = str(ROOT / "tests" / "user_tasks" / f"{name}.py")
    task = load_task(reference, folder=Path())
    given = {**defaults(task), **settings}
    return TrialConfig(task.name, task.version, given, defaults(task), task.fidelity, seed=3, reference=reference)


def functions(asked: TrialConfig) -> ModuleType:
    spec = importlib.util.spec_from_file_location("functions_of_a_user", asked.reference)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def built(module: ModuleType, asked: TrialConfig, *given: Any) -> Any:
    keras_state.seed(asked.seed_for("weights"))
    return module.build(*given)


def epoch_of(model: Any, validation: Any, *given: Any, **options: Any) -> dict[str, float]:
    fitted = model.fit(*given, shuffle=False, verbose=0, **options)
    measured = model.evaluate(*validation, batch_size=256, verbose=0, return_dict=True)
    own = {name: values[-1] for name, values in fitted.history.items()}
    return {**own, **{f"val_{name}": value for name, value in measured.items()}}


@pytest.mark.parametrize("changes", [{}, {"vary": ("weights", "data"), "fidelity": Fidelity(2, 50, 10)}])
def test_structures_with_layers_that_adapt_and_weights_of_classes(changes: Any, tmp_path: Path) -> None:
    asked = replace(config("structures"), **changes)
    result = trained(asked, tmp_path)
    assert (result.state, result.data["counts"]) == ("complete", {"pool": 144, "validation": 16})

    module = functions(asked)
    made = module.data()
    inputs, y = made["pool"]
    pool = {name: array[:144] for name, array in inputs.items()}, y[:144]
    last = 144 + (asked.fidelity.validation_examples or 16)
    validation = {name: array[144:last] for name, array in inputs.items()}, y[144:last]
    chosen = chosen_examples(asked, 144)
    model, plain = built(module, asked, pool), Curve()
    for epoch in (1, 2):
        rows = chosen[epoch_order(asked, epoch, count=len(chosen))]
        batches = {name: array[rows] for name, array in pool[0].items()}, y[rows]
        plain.append(epoch_of(model, validation, *batches, batch_size=16, class_weight=made["class_weight"]))
    assert [dict(metrics) for metrics in result.curve] == plain


@pytest.mark.slow
def test_a_stream_of_a_function_of_the_seed(tmp_path: Path) -> None:
    asked = config("streaming")
    result = trained(asked, tmp_path)
    assert result.data["counts"] == {"pool": 84, "validation": 20, "test": 26}
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]

    module = functions(asked)
    made = module.data()
    model = built(module, asked, 2 * 9)
    epochs = [made["pool"](epoch_seed(asked, epoch)) for epoch in (1, 2)]
    assert [dict(metrics) for metrics in result.curve] == [epoch_of(model, made["validation"], each) for each in epochs]
    (tmp_path / "again").mkdir()
    assert trained(asked, tmp_path / "again").curve == result.curve

    recorded = {"metrics": result.metrics, "environment": result.environment, "data": result.data["fingerprint"]}
    (tmp_path / RECORDED).write_text(json.dumps(recorded))
    scores = model.evaluate(made["test"](0), verbose=0, return_dict=True)
    assert score(asked, Dropped(tmp_path)).metrics == scores
    assert np.isfinite(scores["loss"])


class Interrupted(Dropped):
    """Ends the trial after its first epoch, as a kill would."""

    def epoch(self, epoch: int, metrics: Metrics) -> bool:
        raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("fixed", [False, True])
def test_a_stream_is_resumed_if_a_function_makes_it_and_else_begins_anew(
    fixed: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked, alone, killed = config("streaming", fixed=fixed), tmp_path / "alone", tmp_path / "killed"
    alone.mkdir()
    killed.mkdir()
    with pytest.raises(KeyboardInterrupt):
        train(asked, Interrupted(killed))
    assert trained(asked, killed).curve == trained(asked, alone).curve
    assert ("its training data are one stream; a function of a seed that returns" in capsys.readouterr().out) == fixed
