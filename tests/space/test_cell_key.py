"""The key of a cell: the same on every machine. It changes with what identifies the cell, and with nothing else."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from study.space.cell_key import digest
from study.space.toml_file import read
from study.space.trial import TrialConfig
from study.task import Fidelity
from tests.conftest import ROOT
from tests.space.test_trial import CHANGED, DEFAULTS, FIDELITY, config

# Should one of these change, then so has what "the same cell" means: results of before are not found again.
BASELINE_KEY = "e3f9fe021e25b48cd5d09412e417a14f1d483f4f7eb139e28f2c3b652537b3bc"
CHANGED_KEY = "8f9752a7b6f975fc5a0af608f4b3ae977a15988954902406f0f76915d495881c"
ARTICLE_KEY = "01c48c4edc2c0c2b04629904bca94d66b6af04280c05610bd6c0d0602dfc2ab8"


def test_keys_are_what_they_were() -> None:
    assert config().key == BASELINE_KEY
    assert CHANGED.key == CHANGED_KEY


def test_the_articles_own_trial_has_the_key_it_had() -> None:
    article = read(ROOT / "search_spaces" / "qr_article.toml").config({}, seed=0)
    assert replace(article, settings={**article.settings, "precision": "float32"}).key == ARTICLE_KEY
    assert article.key != ARTICLE_KEY


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


def test_nan_has_no_key() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"rate": float("nan")})


def test_digest_takes_nested_values() -> None:
    assert digest({"b": [1.0, {"d": 2, "c": (3.0,)}], "a": None}) == digest({"a": None, "b": [1, {"c": [3], "d": 2.0}]})
