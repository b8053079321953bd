"""Training: the same numbers bit for bit, true sizes and times, and a loss that is not a number as a result."""

import dataclasses
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from study.engines.engine import Built, Epoch, Finished, Message
from study.engines.local import LocalEngine
from study.ledger.ledger import Ledger
from study.space.toml_file import read
from study.space.trial import TrialConfig, TrialResult
from study.task import Fidelity
from study.training.environment import worker_environment
from study.training.worker_functions import TRAIN
from tests.conftest import ROOT

TASKS = ROOT / "tests"


def finish(configs: list[TrialConfig], folder: Path, *, end_at: Sequence[int] = ()) -> list[TrialResult]:
    """Run the trials one after another in one fresh worker; each ends at its epoch, where one is given for it."""
    engine = LocalEngine(TRAIN, environment=worker_environment(1))
    results: list[TrialResult] = []
    try:
        for number, asked in enumerate(configs):
            engine.submit(number, asked, folder / str(number))
            while len(results) == number:
                for message in engine.messages():
                    if isinstance(message, Built):
                        engine.answer(number, go_on=0 not in end_at[number : number + 1])
                    elif isinstance(message, Epoch):
                        engine.answer(number, go_on=message.epoch not in end_at[number : number + 1])
                    elif isinstance(message, Finished):
                        results.append(message.result)
    finally:
        engine.close()
    return results


@pytest.mark.slow
@pytest.mark.slow
def test_a_cell_run_again_elsewhere_gives_the_same_numbers_bit_for_bit(smoke: tuple[Path, str], tmp_path: Path) -> None:
    ledger = Ledger.read(smoke[0], "smoke")
    cells = [cell for cell in ledger.cells() if cell.config.seed == 1][:2]
    # The other one first: what a worker did before must leave no trace.
    results = finish([cell.config for cell in reversed(cells)], tmp_path)
    for cell, result in zip(reversed(cells), results, strict=True):
        assert list(result.curve) == ledger.curve(cell.config.key)
        assert cell.result is not None
        assert result.data == cell.result.data


def test_sizes_and_times_of_a_trial(smoke: tuple[Path, str]) -> None:
    cell = Ledger.read(smoke[0], "smoke").cells()[0]
    assert cell.result is not None
    # Two 3×3 convolutions, 1 → 4 → 4, and six heads, 4 → 10.
    assert cell.result.parameters == (9 * 4 + 4) + 4 * 4 + (9 * 16 + 4) + 6 * (4 * 10 + 10)
    assert cell.result.flops == 2 * (9 * 4 * 441 + 9 * 16 * 441 + 6 * 40)
    laps = {"import", "data", "build", "compile", "train", "validate", "checkpoint", "report"}
    assert set(cell.result.timing) == laps
    assert sum(cell.result.timing.values()) == pytest.approx(cell.result.seconds, rel=0.05)
    assert cell.result.environment["backend"] == "tensorflow"
    assert cell.result.environment["threads"] == 1


@pytest.mark.slow
def test_a_loss_that_is_not_a_number_is_a_result_and_a_pruned_trial_stops(tmp_path: Path) -> None:
    space = read(TASKS / "handwritten.toml")
    plain = space.config({}, seed=0)
    exploding = dataclasses.replace(plain, reference=f"{TASKS / 'exploding.py'}:task")
    refused, pruned, broken = finish([plain, plain, exploding], tmp_path, end_at=(0, 2))
    assert (refused.state, refused.curve, refused.parameters) == ("refused", (), pruned.parameters)
    assert (pruned.state, len(pruned.curve), pruned.reason) == ("pruned", 2, "ended by the pruner after epoch 2")
    assert (broken.state, len(broken.curve), broken.reason) == ("diverged", 1, "the loss is not a number after epoch 1")
    assert np.isnan(broken.metrics["loss"])


def test_a_killed_trial_resumes_bit_for_bit_and_loses_one_epoch_at_most(tmp_path: Path) -> None:
    asked = read(TASKS / "handwritten.toml").config({"dropout": 0.3}, seed=0)
    engine = LocalEngine(TRAIN, environment=worker_environment(1))
    engine.submit(0, asked, tmp_path / "killed" / "0")
    seen: list[Message] = []
    while len(seen) < 4:  # The size and two epochs are answered; the worker dies while it waits after the third.
        for message in engine.messages():
            seen.append(message)
            if len(seen) < 4:
                engine.answer(0, go_on=True)
    engine.close()
    with np.load(io.BytesIO((tmp_path / "killed" / "0" / "checkpoint.npz").read_bytes()[32:])) as kept:
        assert len(json.loads(kept["about"].tobytes())["curve"]) == 3
    (resumed,) = finish([asked], tmp_path / "killed")
    (undisturbed,) = finish([asked], tmp_path / "undisturbed")
    assert resumed.curve == undisturbed.curve
    assert len(resumed.curve) == 4
    assert resumed.seconds > sum(resumed.timing.values())


@pytest.mark.slow
def test_more_examples_than_there_are_end_the_trial_with_the_reason(tmp_path: Path) -> None:
    space = read(TASKS / "handwritten.toml")
    greedy = dataclasses.replace(space.config({}, seed=0), fidelity=Fidelity(1, 1_001, 10))
    (result,) = finish([greedy], tmp_path)
    assert result.state == "failed"
    assert result.reason == "DataError: the study asks for 1,001 examples of pool, which holds 1,000"
