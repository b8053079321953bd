"""Replays KerasTuner's oracles on a table of results, in their own process: `python -m tests.benchmarks.oracles …`.

The last printed line holds, for each oracle, the trials and epochs of each search, and whether it reached its goal. The
line is `null` if KerasTuner cannot be imported.
"""

import argparse
import contextlib
import json
import os
import sys
import tempfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

from tests.benchmarks.replays import Results, Spent

ORACLES = ("RandomSearch", "Hyperband", "BayesianOptimization")
SLOW = "BayesianOptimization"
"""This oracle needs almost a second for each suggestion."""


def main() -> dict[str, list[Any]] | None:
    """Replay the searches of each oracle. Returns None if KerasTuner cannot be imported."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("table", type=Path)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--slow", type=int, default=3, help=f"searches of {SLOW}")
    arguments = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    try:
        import keras_tuner
    except ImportError as error:
        print(error, file=sys.stderr)
        return None
    results = Results.of(arguments.file, arguments.table)
    searches = {}
    for name in ORACLES:
        seeds = range(1, 1 + (arguments.slow if name == SLOW else arguments.seeds))  # KerasTuner takes 0 as no seed.
        searches[name] = [astuple(_search(keras_tuner, name, results, seed=seed)) for seed in seeds]
    return searches


def _search(keras_tuner: Any, name: str, results: Results, *, seed: int) -> Spent:
    """Run one search with the tuner's defaults, except that it may use every trial and epoch of the table.

    Hyperband starts again after its last bracket.
    """
    space = keras_tuner.HyperParameters()
    for factor, levels in results.levels.items():
        space.Choice(factor, list(levels))
    epochs = results.space.fidelity.epochs
    most = (
        {"max_epochs": epochs, "hyperband_iterations": 0}
        if name == "Hyperband"
        else {"max_trials": len(results.curves)}
    )
    make = getattr(keras_tuner.oracles, f"{name}Oracle")
    goal = keras_tuner.Objective("value", "max")
    oracle = make(objective=goal, hyperparameters=space, seed=seed, **most)
    oracle.verbose = 0
    with tempfile.TemporaryDirectory() as folder:
        oracle._set_project_dir(folder, "search")
        return _replay(oracle, results)


def _replay(oracle: Any, results: Results) -> Spent:
    spent = Spent()
    while not spent.found and (trial := oracle.create_trial("tuner")).status == "RUNNING":
        values = trial.hyperparameters.values
        curve = results.curve({name: values[name] for name in results.levels})
        first, last = values.get("tuner/initial_epoch", 0), values.get("tuner/epochs", len(curve))
        for epoch, value in enumerate(curve[first:last], start=first):
            oracle.update_trial(trial.trial_id, {"value": value}, step=epoch)
        spent.trials += not first
        spent.epochs += last - first
        spent.found = last == len(curve) and curve[-1] >= results.goal
        trial.status = "COMPLETED"
        oracle.end_trial(trial)
    return spent


if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        searches = main()
    print(json.dumps(searches))
