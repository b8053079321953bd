"""Runs trials of a second with Ray Tune, in its own process: `python -m tests.benchmarks.ray_tune TRIALS WORKERS`.

The last printed line holds the seconds from the first start to the last result. It is `null` if Ray Tune cannot be
imported.
"""

import json
import os
import sys
import tempfile
import time
from typing import Any

from tests.benchmarks import naps


def main(trials: int, workers: int) -> float | None:
    """Run the trials on a cluster of this machine that has started its workers. Returns None without Ray Tune."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
        from ray import tune
    except ImportError as error:
        print(error, file=sys.stderr)
        return None

    def nap(config: dict[str, Any]) -> None:
        for epoch in range(1, naps.EPOCHS + 1):
            time.sleep(naps.SECONDS / naps.EPOCHS)
            tune.report({"val_acc": config["place"] / epoch})

    def nap_once() -> None:
        time.sleep(naps.SECONDS)

    class Stopwatch(tune.Callback):  # type: ignore[misc]
        begin = end = 0.0

        def on_trial_result(self, **_: object) -> None:
            # Ray Tune starts its workers together with its trials. So the first start is the time at which the first
            # worker has done its imports.
            self.begin = self.begin or time.perf_counter() - naps.SECONDS / naps.EPOCHS

        def on_trial_complete(self, **_: object) -> None:
            self.end = time.perf_counter()

    ray.init("local", num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.get([ray.remote(nap_once).remote() for _ in range(workers)])
    stopwatch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        results = tune.Tuner(
            nap,
            param_space={"place": tune.randint(0, 16)},
            tune_config=tune.TuneConfig(num_samples=trials, max_concurrent_trials=workers, reuse_actors=True),
            run_config=tune.RunConfig(storage_path=folder, callbacks=[stopwatch], verbose=0),
        ).fit()
    ray.shutdown()
    if len(results) != trials or results.num_errors:
        raise RuntimeError(f"{len(results)} of {trials} trials, {results.num_errors} with errors")
    return stopwatch.end - stopwatch.begin


if __name__ == "__main__":
    print(json.dumps(main(*map(int, sys.argv[1:]))))
