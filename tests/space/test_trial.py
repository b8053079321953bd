"""A trial as a value: its key is the same on every machine and changes with what makes a trial, nothing else."""

import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from study.space.toml_file import read
from study.space.trial import SOURCES, TrialConfig, TrialResult, digest
from study.task import Fidelity, Level
from tests.conftest import ROOT

DEFAULTS: dict[str, Level] = {"depth": 7, "width": 16, "pooling": "max", "norm": True, "rate": 0.001}
FIDELITY = Fidelity(epochs=8, train_examples=10_000, validation_examples=2_000)
# Should one of these change, then so has what "the same cell" means: results of before are not found again.
BASELINE_KEY = "e3f9fe021e25b48cd5d09412e417a14f1d483f4f7eb139e28f2c3b652537b3bc"
CHANGED_KEY = "8f9752a7b6f975fc5a0af608f4b3ae977a15988954902406f0f76915d495881c"
ARTICLE_KEY = "01c48c4edc2c0c2b04629904bca94d66b6af04280c05610bd6c0d0602dfc2ab8"


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


def test_keys_are_what_they_were() -> None:
    assert config().key == BASELINE_KEY
    assert CHANGED.key == CHANGED_KEY


def test_the_articles_own_trial_has_the_key_it_had() -> None:
    space = read(ROOT / "search_spaces" / "qr_article.toml")
    assert space.config({}, seed=0).key == ARTICLE_KEY


def test_a_key_is_the_hash_of_a_text_that_one_can_write_by_hand() -> None:
    text = (
        '{"fidelity":{"epochs":8,"train_examples":10000,"validation_examples":2000},"seed":4,'
        '"settings":{"depth":2,"norm":false,"rate":0.003},"task":"toy","vary":["data","weights"],"version":1}'
    )
    assert CHANGED.key == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("chance", ["0", "1"])
def test_a_key_is_the_same_in_every_process(chance: str) -> None:
    code = "from tests.space.test_trial import CHANGED; print(CHANGED.key)"
    environment = {**os.environ, "PYTHONHASHSEED": chance}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == CHANGED_KEY


def test_a_setting_that_the_task_gets_later_leaves_keys_as_they_are() -> None:
    grown = DEFAULTS | {"dropout": 0.0}
    assert config(settings={"dropout": 0.0}, defaults=grown).key == BASELINE_KEY
    assert config(settings={"dropout": 0.1}, defaults=grown).key != BASELINE_KEY


def test_a_setting_that_its_task_does_not_know_counts() -> None:
    assert config(settings={"dropout": 0.0}).key != BASELINE_KEY


def test_the_order_of_settings_and_of_sources_is_irrelevant() -> None:
    backwards = dict(reversed(DEFAULTS.items()))
    assert config().key == TrialConfig("toy", 1, backwards, backwards, FIDELITY, 0, ("order", "weights")).key


def test_one_and_one_point_oh_make_one_key() -> None:
    assert config(settings={"depth": 2}).key == config(settings={"depth": 2.0}).key
    assert config(settings={"depth": 7.0}).key == BASELINE_KEY
    assert config(settings={"rate": 1}).key == config(settings={"rate": 1.0}).key
    assert config(settings={"rate": 0.0}).key == config(settings={"rate": -0.0}).key


def test_true_is_no_number() -> None:
    assert len({config(settings={"width": level}).key for level in (1, True, "1", "true")}) == 4
    # Though Python takes 1 for True, it is not the default here.
    assert config(settings={"norm": 1}).key != BASELINE_KEY


@pytest.mark.parametrize(
    "changes",
    [
        {"task": "other"},
        {"task_version": 2},
        {"seed": 1},
        {"vary": ("weights",)},
        {"vary": ("weights", "order", "data")},
        {"fidelity": Fidelity(9, 10_000, 2_000)},
        {"fidelity": Fidelity(8, 9_999, 2_000)},
        {"fidelity": Fidelity(8, 10_000, 1_999)},
        {"settings": {"depth": 6}},
        {"settings": {"pooling": "mean"}},
    ],
)
def test_what_makes_a_trial_changes_its_key(changes: dict[str, Any]) -> None:
    assert config(**changes).key != BASELINE_KEY


def test_how_a_worker_finds_the_task_is_no_part_of_a_trial() -> None:
    elsewhere = config(reference="/somewhere/else/toy.py:task")
    assert elsewhere.key == BASELINE_KEY
    assert elsewhere == config()


def test_a_trial_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        config().seed = 1  # type: ignore[misc]


def test_nan_has_no_key() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"rate": float("nan")})


def test_digest_takes_nested_values() -> None:
    assert digest({"b": [1.0, {"d": 2, "c": (3.0,)}], "a": None}) == digest({"a": None, "b": [1, {"c": [3], "d": 2.0}]})


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
