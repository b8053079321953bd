"""A trial as a value: what was asked of it, and its result."""

import dataclasses
import json
import os
from typing import Any

import pytest

from study.space.trial import SOURCES, TrialConfig, TrialResult
from study.task import Fidelity, Level

DEFAULTS: dict[str, Level] = {"depth": 7, "width": 16, "pooling": "max", "norm": True, "rate": 0.001}
FIDELITY = Fidelity(epochs=8, train_examples=10_000, validation_examples=2_000)


def config(*, settings: dict[str, Level] | None = None, **changes: Any) -> TrialConfig:
    given: dict[str, Any] = {
        "task": "toy",
        "task_version": 1,
        "settings": DEFAULTS | (settings or {}),
        "defaults": DEFAULTS,
        "fidelity": FIDELITY,
        "seed": 0,
    }
    return TrialConfig(**(given | changes))


CHANGED = config(settings={"depth": 2, "norm": False, "rate": 3e-3}, seed=4, vary=("weights", "data"))


def test_a_trial_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().seed = 1  # type: ignore[misc]


def test_the_name_of_a_point_is_its_change_from_the_baseline() -> None:
    assert config(seed=3).delta(config()) == "baseline"
    assert config(settings={"depth": 2}).delta(config()) == "depth=2"
    assert config(settings={"norm": False, "depth": 2.0}).delta(config()) == "depth=2 norm=false"
    assert config(settings={"rate": 3e-3}).delta(config()) == "rate=0.003"
    assert config(fidelity=Fidelity(8, 500, 2_000)).delta(config()) == "train_examples=500"
    assert config().delta(config(settings={"depth": 2})) == "depth=7"


def test_a_setting_without_a_counterpart_is_named_too() -> None:
    assert config(settings={"dropout": 0.5}).delta(config()) == "dropout=0.5"


def test_levels_are_all_that_a_factor_may_be() -> None:
    assert config().levels() == DEFAULTS | {"train_examples": 10_000}


def test_a_seed_reaches_the_sources_that_vary_and_no_others() -> None:
    first, second = config(seed=0), config(seed=1)
    assert first.seed_for("weights") != second.seed_for("weights")
    assert first.seed_for("order") != second.seed_for("order")
    assert first.seed_for("data") == second.seed_for("data")
    everything = [config(seed=seed, vary=SOURCES) for seed in range(20)]
    assert len({trial.seed_for(source) for trial in everything for source in SOURCES}) == 60


def test_seeds_are_those_of_before_and_depend_on_seed_and_source_alone() -> None:
    assert [config(seed=1, vary=SOURCES).seed_for(source) for source in SOURCES] == [
        2917109515,
        2557911650,
        1335519264,
    ]
    other = config(settings={"depth": 2}, seed=1, task="other", fidelity=Fidelity(1, 1, 1))
    assert other.seed_for("weights") == config(seed=1).seed_for("weights")
    assert all(0 <= config(seed=seed).seed_for("weights") < 2**32 for seed in (0, 2**31 - 1))


def test_what_came_out_of_a_trial_is_its_last_epoch() -> None:
    result = TrialResult("complete", curve=({"val_acc": 0.1}, {"val_acc": 0.4}))
    assert result.metrics == {"val_acc": 0.4}
    assert TrialResult("failed").metrics == {}


def test_a_result_without_its_curve_is_plain_values() -> None:
    result = TrialResult("diverged", ({"loss": 1.0},), 12, 34, 5.6, {"name": "toy"}, {"threads": 1}, reason="nan")
    record = result.to_json()
    assert "curve" not in record
    assert TrialResult(**record, curve=result.curve) == result


def test_the_texts_of_a_result_can_be_written_everywhere() -> None:
    name = os.fsdecode(b"caf\xe9")
    result = TrialResult("failed", reason=f"no {name}\n\x1b[31mhere", traceback=f"a\n\0{name}", environment={"V": name})
    assert (result.reason, result.traceback) == ("no caf\\udce9 here", "a\n\\x00caf\\udce9")
    assert result.environment == {"V": "caf\\udce9"}
    json.dumps(result.to_json(), ensure_ascii=False).encode()
    assert TrialResult(**result.to_json()) == result


def test_a_result_keeps_only_a_part_of_texts_without_end() -> None:
    result = TrialResult("failed", reason="x" * 10**6, traceback="begin" + "y" * 10**6 + "end")
    assert len(result.reason) == 500
    assert len(result.traceback) <= 20_000
    assert result.traceback.startswith("begin")
    assert result.traceback.endswith("end")
    assert TrialResult(**result.to_json()) == result
