"""A minimal launcher in a process of its own: `python -m tests.faults.launcher STORE SPACE`."""

import argparse
import sys
from pathlib import Path
from typing import Any

# Every worker imports this file too. So heavy modules are imported where they are used.


def main() -> int:
    """Run the study whose search space is the JSON in the file SPACE. Returns the exit status, as `study run` does."""
    arguments = _arguments()
    import json

    from study.errors import StudyError
    from study.space.search_space import SearchSpace

    if arguments.file_size:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (arguments.file_size, arguments.file_size))
    if arguments.without_locks:
        import contextlib

        import filelock

        filelock.FileLock.acquire = lambda *_, **__: contextlib.nullcontext()  # type: ignore[method-assign, assignment]
    if arguments.host:
        import platform

        from study.ledger import claim

        platform.node = lambda: arguments.host
        claim._RENEWAL, claim._SILENCE = 0.2, 2.0
    if arguments.clock:
        from tests.faults.clock import shake

        shake()
    try:
        return _run(SearchSpace.from_json(json.loads(arguments.space.read_text())), arguments)
    except StudyError as error:
        print(error, file=sys.stderr)
        return 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("store", type=Path)
    parser.add_argument("space", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--function", default="tests.faults.trial:careful")
    parser.add_argument("--mlflow", action="store_true")
    parser.add_argument("--file-size", type=int, help="no file may become larger than this many bytes")
    parser.add_argument("--without-locks", action="store_true", help="no lock keeps anybody off")
    parser.add_argument("--host", help="seem to run on this machine, and renew claims quickly")
    parser.add_argument("--clock", action="store_true", help="make the clock jump")
    return parser.parse_args()


def _run(space: Any, arguments: argparse.Namespace) -> int:
    import math

    from rich.console import Console

    from study.engines.local import LocalEngine
    from study.ledger.ledger import Ledger
    from study.running.loop import run
    from study.running.stopping import stop_requests
    from study.tracking.tracker import MlflowTracker
    from study.training.environment import worker_environment

    print("ready", flush=True)
    with Ledger.own(arguments.store, space) as ledger:
        engine = LocalEngine(
            arguments.function,
            workers=arguments.workers,
            environment=worker_environment(ledger.threads),
            timeout=space.trial_timeout,
        )
        tracker = MlflowTracker(ledger, arguments.store) if arguments.mlflow else None
        try:
            with stop_requests(math.inf, Console()) as stopping:
                run(ledger, engine, tracker or Unseen(), tracker or Unseen(), stopping=stopping)
        finally:
            engine.close()
            if tracker:
                tracker.close()
        stopped = stopping() and ledger.counts()["missing"]
    if tracker and tracker.problem:
        print(tracker.problem, file=sys.stderr)
    return 130 if stopped else 0


class Unseen:
    """A tracker that logs nothing and a progress display that shows nothing."""

    def log(self, trial: Any, result: Any) -> None: ...
    def started(self, trial: Any) -> None: ...
    def received(self, trial: Any, message: Any) -> None: ...


if __name__ == "__main__":
    sys.exit(main())
