"""Training: the same numbers bit for bit, an order of its own, honest sizes, and NaN as a result."""

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
from study.training.backends import backend as backends
from study.training.fit import batch_size, choice, order, steps
from study.training.worker_functions import TRAIN

HERE = Path(__file__).parent


def config(**changes: object) -> TrialConfig:
    plain: dict[str, object] = {
        "task": "toy",
        "task_version": 1,
        "settings": {"batch_size": 32},
        "defaults": {"batch_size": 32},
        "fidelity": Fidelity(3, 100, 10),
        "seed": 1,
    }
    return TrialConfig(**{**plain, **changes})  # type: ignore[arg-type]


def finish(configs: list[TrialConfig], folder: Path, *, end_at: Sequence[int] = ()) -> list[TrialResult]:
    """Run the trials one after another in one fresh worker; each ends at its epoch, where one is given for it."""
    engine = LocalEngine(TRAIN, environment=backends.environment(1))
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


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first = order(config(), 1)
    assert sorted(first) == list(range(100))
    assert (first == order(config(), 1)).all()
    assert (first != order(config(), 2)).any(), "Keras on TensorFlow repeats one order for ever"
    assert (first != order(config(seed=2), 1)).any()
    fixed = [order(config(seed=seed, vary=("weights",)), 1) for seed in (1, 2)]
    assert (fixed[0] == fixed[1]).all()


def test_the_training_set_is_a_prefix_of_the_pool_or_of_its_permutation() -> None:
    assert choice(config(), 300).tolist() == list(range(100))
    varied = config(vary=("data",))
    chosen = choice(varied, 300)
    assert len(set(chosen)) == 100
    assert chosen.max() > 100
    more = choice(config(vary=("data",), fidelity=Fidelity(3, 200, 10)), 300)
    assert (more[:100] == chosen).all()


def test_steps_count_the_last_partial_batch() -> None:
    assert steps(config()) == 3 * 4
    assert batch_size(config(settings={}, defaults={})) == 32


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


def test_a_loss_that_is_not_a_number_is_a_result_and_a_pruned_trial_stops(tmp_path: Path) -> None:
    space = read(HERE / "handwritten.toml")
    plain = space.config({}, seed=0)
    exploding = dataclasses.replace(plain, reference=f"{HERE / 'exploding.py'}:task")
    refused, pruned, broken = finish([plain, plain, exploding], tmp_path, end_at=(0, 2))
    assert (refused.state, refused.curve, refused.parameters) == ("refused", (), pruned.parameters)
    assert (pruned.state, len(pruned.curve), pruned.reason) == ("pruned", 2, "ended by the pruner after epoch 2")
    assert (broken.state, len(broken.curve), broken.reason) == ("diverged", 1, "the loss is not a number after epoch 1")
    assert np.isnan(broken.metrics["loss"])


def test_a_killed_trial_resumes_bit_for_bit_and_loses_one_epoch_at_most(tmp_path: Path) -> None:
    asked = read(HERE / "handwritten.toml").config({"dropout": 0.3}, seed=0)
    engine = LocalEngine(TRAIN, environment=backends.environment(1))
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


def test_more_examples_than_there_are_end_the_trial_with_the_reason(tmp_path: Path) -> None:
    space = read(HERE / "handwritten.toml")
    greedy = dataclasses.replace(space.config({}, seed=0), fidelity=Fidelity(1, 1_001, 10))
    (result,) = finish([greedy], tmp_path)
    assert result.state == "failed"
    assert result.reason == "DataError: 1,001 examples were asked of pool, which holds 1,000"
