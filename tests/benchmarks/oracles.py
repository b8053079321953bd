"""KerasTuner's oracles on a table of results, in a process of their own: `python -m tests.benchmarks.oracles …`.

The last line printed is, for each oracle, the trials and epochs of each search and whether it found what it was after;
`null` where KerasTuner cannot be imported.
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
"""It needs most of a second for each suggestion."""


def main() -> dict[str, list[Any]] | None:
    """Replay each oracle's searches."""
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
    found = {}
    for name in ORACLES:
        seeds = range(1, 1 + (arguments.slow if name == SLOW else arguments.seeds))  # Of its seeds, 0 means none.
        found[name] = [astuple(_search(keras_tuner, name, results, seed=seed)) for seed in seeds]
    return found


def _search(keras_tuner: Any, name: str, results: Results, *, seed: int) -> Spent:
    """One search at the tuner's defaults, but for as many trials and epochs as there are; Hyperband begins anew."""
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
        found = main()
    print(json.dumps(found))
