"""A Keras model whose training is killed gets the same numbers as an undisturbed one, bit for bit."""

import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from study.space.toml_file import read
from tests.conftest import ROOT
from tests.faults.ballistics import Target, hit
from tests.faults.site import Site, wait_until

FILE = f"""
task = "{ROOT}/tests/handwritten.py:task"
seeds = 1
max_retries = 10

[objective]
metric = "val_acc"
direction = "maximize"

[baseline]
dropout = 0.4
batch_size = 8

[factors]
layers = [1, 2]

[design]
kind = "ablation"

[fidelity]
epochs = 12
"""
SHOTS: tuple[tuple[Target, int], ...] = (("worker", 4), ("launcher", 8), ("worker", 16), ("group", 21))
"""The targets of the kills, each with the number of epochs before it."""
TRAINED = ("--function", "tests.faults.trial:trained")


@pytest.mark.slow
@pytest.mark.slow
def test_a_model_that_is_killed_ends_with_the_numbers_of_an_undisturbed_one(tmp_path: Path) -> None:
    file = tmp_path / "mortal.toml"
    file.write_text(FILE)
    space = read(file)
    undisturbed, site = Site(tmp_path / "undisturbed", space), Site(tmp_path / "killed", space)
    chance, hits = random.Random(0), Counter[Target]()
    with undisturbed.start(*TRAINED) as peaceful, ExitStack() as killed:
        launcher = killed.enter_context(site.start(*TRAINED))
        for target, epochs in SHOTS:
            wait_until(lambda: site.work.epochs >= epochs, seconds=150)  # noqa: B023  It is called at once.
            time.sleep(chance.uniform(0, 0.1))
            hits[target] += hit(launcher, target, chance)
            launcher = launcher if launcher.poll() is None else killed.enter_context(site.start(*TRAINED))
        assert launcher.wait(timeout=200) == 0, site.complaints.read_text()
        assert peaceful.wait(timeout=200) == 0
    assert hits == {"worker": 2, "launcher": 1, "group": 1}
    undisturbed.check()
    site.check()
    assert undisturbed.work.epochs == 2 * 12
    assert site.work.lost() <= 4
    assert site.work.epochs - site.work.lost() == undisturbed.work.epochs
    assert site.curves() == undisturbed.curves()
    assert site.tables() == undisturbed.tables()
