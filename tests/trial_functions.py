"""Trial functions that cost nothing, as `"tests.trial_functions:quick"`, and an engine that starts no process."""

import hashlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from study.engines.cell_folder import WEIGHTS
from study.engines.engine import Epoch, Finished, Message, Report
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import Fidelity
from tests import toy_task

FIDELITY = Fidelity(epochs=3, train_examples=100, validation_examples=10)
DATA = {"name": "toy-0123", "fingerprint": "f" * 64, "counts": {"pool": 100}}
ENVIRONMENT = {"backend": "none", "device": "cpu", "threads": 1, "python": "3"}


def space(*factors: Any, **changes: Any) -> SearchSpace:
    """A search space of the toy task whose trials have three epochs, on two seeds."""
    given: dict[str, Any] = {"fidelity": FIDELITY, "seeds": (0, 1)}
    return toy_task.space(*factors, **(given | changes))


def curve(config: TrialConfig) -> tuple[Metrics, ...]:
    """A curve that rises to a height of the configuration's own."""
    height = int(config.key[:8], 16) / 2**32
    epochs = range(1, config.fidelity.epochs + 1)
    return tuple({"loss": 1 / epoch, "val_acc": height * (1 - 2.0**-epoch)} for epoch in epochs)


def succeed(config: TrialConfig) -> TrialResult:
    """The result of an undisturbed trial."""
    return TrialResult(
        "complete", curve(config), parameters=10, flops=20, seconds=0.5, data=DATA, environment=ENVIRONMENT
    )


def fail(config: TrialConfig) -> TrialResult:
    """The result of a trial that an exception ended."""
    return TrialResult(
        "failed", seconds=0.1, reason="ValueError: no luck", traceback="Traceback …\nValueError: no luck"
    )


def diverge(config: TrialConfig) -> TrialResult:
    """The result of a trial whose loss is no number after two epochs."""
    first, second, *_ = curve(config)
    end = (first, {**second, "loss": float("nan")})
    return TrialResult("diverged", end, reason="the loss is not a number after epoch 2")


def quick(config: TrialConfig, report: Report) -> TrialResult:
    """Report every epoch; end early where told to."""
    for epoch, metrics in enumerate(curve(config), start=1):
        if not report.epoch(epoch, metrics) and epoch < config.fidelity.epochs:
            return replace(succeed(config), state="pruned", curve=curve(config)[:epoch])
    return succeed(config)


def building(config: TrialConfig, report: Report) -> TrialResult:
    """Report a model's size, and end there if told to."""
    if report.built({"parameters": 10}):
        return quick(config, report)
    return TrialResult("refused", parameters=10)


def free(config: TrialConfig, report: Report) -> TrialResult:
    """Say nothing on the way."""
    return succeed(config)


def preparing(config: TrialConfig, report: Report) -> TrialResult:
    report.preparing("data", 1, 2)
    return quick(config, report)


def collecting(config: TrialConfig, report: Report) -> TrialResult:
    """Take long over the data, and say so."""
    for done in range(6):
        time.sleep(0.3)
        report.preparing("data", done + 1, 6)
    return quick(config, report)


def exhausting(config: TrialConfig, report: Report) -> TrialResult:
    raise MemoryError("Unable to allocate 5 TiB")


def failing(config: TrialConfig, report: Report) -> TrialResult:
    report.epoch(1, curve(config)[0])
    raise ValueError("no luck\nnone at all")


def leaving(config: TrialConfig, report: Report) -> TrialResult:
    sys.exit("as if that were all")


def exiting(config: TrialConfig, report: Report) -> TrialResult:
    print("about to go")
    os._exit(3)


def killed(config: TrialConfig, report: Report) -> TrialResult:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def hanging(config: TrialConfig, report: Report) -> TrialResult:
    report.folder.joinpath("pid").write_text(str(os.getpid()))
    time.sleep(1000)
    raise AssertionError("unreachable")


def chatting(config: TrialConfig, report: Report) -> TrialResult:
    """Never end, and never be silent either."""
    epoch = 0
    while report.epoch(epoch := epoch + 1, {"val_acc": 0.5}):
        pass
    raise AssertionError("unreachable")


def printing(config: TrialConfig, report: Report) -> TrialResult:
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"from below Python\n")
    return quick(config, report)


def weighing(config: TrialConfig, report: Report) -> TrialResult:
    """Leave weights, sealed as real ones are."""
    content = config.key.encode()
    (report.folder / WEIGHTS).write_bytes(hashlib.sha256(content).digest() + content)
    return quick(config, report)


def diverging(config: TrialConfig, report: Report) -> TrialResult:
    result = diverge(config)
    for epoch, metrics in enumerate(result.curve, start=1):
        report.epoch(epoch, metrics)
    return result


def borrowing(config: TrialConfig, report: Report) -> TrialResult:
    """Give numbers that are NumPy's."""
    import numpy as np

    metrics = {"val_acc": np.float32(0.5)}
    report.epoch(1, metrics)  # type: ignore[arg-type]
    return TrialResult("complete", (metrics,), parameters=np.int64(7))  # type: ignore[arg-type]


def forgetting(config: TrialConfig, report: Report) -> TrialResult:
    """Give no result at all."""
    return None  # type: ignore[return-value]


def environment(config: TrialConfig, report: Report) -> TrialResult:
    """Say which process ran it, and under what."""
    return replace(succeed(config), environment={"pid": os.getpid(), "word": os.environ.get("WORD", "")})


def meeting(config: TrialConfig, report: Report) -> TrialResult:
    """Wait until two trials are here at once."""
    report.folder.joinpath("here").touch()
    while len(list(report.folder.parent.glob("*/here"))) < 2:
        time.sleep(0.01)
    return succeed(config)


def flaky(config: TrialConfig, report: Report) -> TrialResult:
    """Succeed, but the first time fail in a way that depends on the cell."""
    marker = report.folder.parent / f"tried-{config.key[:16]}"
    if marker.exists():
        return quick(config, report)
    marker.touch()
    ways = (failing, exiting, killed, quick)
    return ways[int(config.key[:4], 16) % len(ways)](config, report)


Outcome = Callable[[TrialConfig], TrialResult]


class Inline:
    """An engine of this process: every trial comes to its outcome when messages are asked for."""

    def __init__(self, outcome: Outcome = succeed, *, workers: int = 1) -> None:
        self.outcome = outcome
        self.workers = workers
        self.submitted: list[tuple[int, TrialConfig, Path]] = []
        self.most = 0
        self.closed = False
        self._waiting: dict[int, TrialConfig] = {}
        self._answers: dict[int, bool] = {}

    @property
    def free(self) -> int:
        return self.workers - len(self._waiting)

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        assert self.free
        assert threading.current_thread() is threading.main_thread()
        self.submitted.append((trial, config, folder))
        self._waiting[trial] = config
        self.most = max(self.most, len(self._waiting))

    def messages(self) -> Iterator[Message]:
        trial, config = next(iter(self._waiting.items()))
        result = self.outcome(config)
        for epoch, metrics in enumerate(result.curve, start=1):
            yield Epoch(trial, epoch, metrics)
            if not self._answers.pop(trial) and epoch < len(result.curve):
                result = replace(result, state="pruned", curve=result.curve[:epoch])
                break
        del self._waiting[trial]
        yield Finished(trial, result)

    def answer(self, trial: int, *, go_on: bool) -> None:
        self._answers[trial] = go_on

    def close(self) -> None:
        self.closed = True
