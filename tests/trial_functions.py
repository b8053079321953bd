"""Trial functions that cost nothing, as `"tests.trial_functions:quick"`, and an engine that starts no process."""

import hashlib
import multiprocessing
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
from study.engines.engine import READY, Epoch, Finished, Message, Report, TrialFunction
from study.engines.stop_signals import STOP_SIGNALS
from study.space.search_space import SearchSpace
from study.space.trial import Metrics, TrialConfig, TrialResult
from study.task import Fidelity
from tests import toy_task

FIDELITY = Fidelity(epochs=3, train_examples=100, validation_examples=10)
DATA = {"name": "toy-0123", "fingerprint": "f" * 64, "counts": {"pool": 100}}
ENVIRONMENT = {
    **{"backend": "none", "device": "cpu", "threads": 1, "python": "3"},
    **{"processor": "AMD 25/1 avx2", "variables": "none"},
}


def space(*factors: Any, **changes: Any) -> SearchSpace:
    """A search space of the toy task whose trials have three epochs, on two seeds."""
    given: dict[str, Any] = {"fidelity": FIDELITY, "seeds": (0, 1)}
    return toy_task.space(*factors, **(given | changes))


def curve(config: TrialConfig) -> tuple[Metrics, ...]:
    """A rising curve; its height depends on the configuration."""
    height = int(config.key[:8], 16) / 2**32
    epochs = range(1, config.fidelity.epochs + 1)
    return tuple({"loss": 1 / epoch, "val_acc": height * (1 - 2.0**-epoch)} for epoch in epochs)


def succeed(config: TrialConfig) -> TrialResult:
    """The result of a trial that nothing disturbed."""
    return TrialResult(
        "complete", curve(config), parameters=10, flops=20, seconds=0.5, data=DATA, environment=ENVIRONMENT
    )


def fail(config: TrialConfig) -> TrialResult:
    """The result of a trial that ended with an exception."""
    return TrialResult(
        "failed", seconds=0.1, reason="ValueError: no luck", traceback="Traceback …\nValueError: no luck"
    )


def diverge(config: TrialConfig) -> TrialResult:
    """The result of a trial whose loss is not a number after the second epoch."""
    first, second, *_ = curve(config)
    end = (first, {**second, "loss": float("nan")})
    return TrialResult("diverged", end, reason="the loss is not a number after epoch 2")


def quick(config: TrialConfig, report: Report) -> TrialResult:
    """Report every epoch; end early if the answer is no."""
    for epoch, metrics in enumerate(curve(config), start=1):
        if not report.epoch(epoch, metrics) and epoch < config.fidelity.epochs:
            return replace(succeed(config), state="pruned", curve=curve(config)[:epoch])
    return succeed(config)


def building(config: TrialConfig, report: Report) -> TrialResult:
    """Report a model's size, and end there if told to."""
    if report.built({"parameters": 10}):
        return quick(config, report)
    return TrialResult("refused", parameters=10)


def silent(config: TrialConfig, report: Report) -> TrialResult:
    """Succeed without reporting any epoch."""
    return succeed(config)


def preparing(config: TrialConfig, report: Report) -> TrialResult:
    report.preparing("data", 1, 2)
    return quick(config, report)


def slow_data(config: TrialConfig, report: Report) -> TrialResult:
    """Take long to prepare the data, and report that."""
    for done in range(6):
        time.sleep(0.3)
        report.preparing("data", done + 1, 6)
    return quick(config, report)


def silent_data(config: TrialConfig, report: Report) -> TrialResult:
    """Take long to prepare the data without a word in between, and then for ever to train."""
    report.preparing("making data", 0, 0)
    time.sleep(1.5)
    report.preparing(READY, 0, 0)
    time.sleep(600)
    return quick(config, report)


def out_of_memory(config: TrialConfig, report: Report) -> TrialResult:
    raise MemoryError("Unable to allocate 5 TiB")


def failing(config: TrialConfig, report: Report) -> TrialResult:
    report.epoch(1, curve(config)[0])
    raise ValueError("no luck\nnone at all")


def calling_exit(config: TrialConfig, report: Report) -> TrialResult:
    sys.exit("as if that were all")


def exiting(config: TrialConfig, report: Report) -> TrialResult:
    print("about to go")
    os._exit(3)


def killed(config: TrialConfig, report: Report) -> TrialResult:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def signalled(config: TrialConfig, report: Report) -> TrialResult:
    """Get every signal that asks a run to stop."""
    for number in STOP_SIGNALS:
        signal.raise_signal(number)
    return quick(config, report)


def ending_its_own(config: TrialConfig, report: Report) -> TrialResult:
    """Start a process in each way of multiprocessing, and end it as a pool does. Report how each ended."""
    ends = []
    for way in (multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")):
        process: Any = way.Process(target=time.sleep, args=(600,))
        process.start()
        time.sleep(0.3)
        process.terminate()
        process.join(20)
        ends.append(process.exitcode)
    return replace(succeed(config), environment={"ends": ends})


def forking(config: TrialConfig, report: Report) -> TrialResult:
    """Fork a process that keeps everything open, and be killed."""
    if not (child := os.fork()):
        time.sleep(600)
        os._exit(0)
    report.folder.joinpath("pid").write_text(str(child))
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def hanging(config: TrialConfig, report: Report) -> TrialResult:
    report.folder.joinpath("pid").write_text(str(os.getpid()))
    time.sleep(1000)
    raise AssertionError("unreachable")


def never_ending(config: TrialConfig, report: Report) -> TrialResult:
    """Report epochs without end."""
    epoch = 0
    while report.epoch(epoch := epoch + 1, {"val_acc": 0.5}):
        pass
    raise AssertionError("unreachable")


def printing(config: TrialConfig, report: Report) -> TrialResult:
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"from below Python\n")
    return quick(config, report)


def leaving_weights(config: TrialConfig, report: Report) -> TrialResult:
    """Write weights, with a checksum as real ones have."""
    content = config.key.encode()
    (report.folder / WEIGHTS).write_bytes(hashlib.sha256(content).digest() + content)
    return quick(config, report)


def noting(config: TrialConfig, report: Report) -> TrialResult:
    """Note each attempt in the file of the weights."""
    notes = report.folder / "notes"
    attempt = len(notes.read_text().split()) + 1 if notes.is_file() else 1
    with notes.open("a") as file:
        file.write(f"{attempt} ")
    (report.folder / WEIGHTS).write_bytes(notes.read_bytes())
    return quick(config, report)


def diverging(config: TrialConfig, report: Report) -> TrialResult:
    result = diverge(config)
    for epoch, metrics in enumerate(result.curve, start=1):
        report.epoch(epoch, metrics)
    return result


def numpy_numbers(config: TrialConfig, report: Report) -> TrialResult:
    """Report numbers of NumPy's types."""
    import numpy as np

    metrics = {"val_acc": np.float32(0.5)}
    report.epoch(1, metrics)  # type: ignore[arg-type]
    return TrialResult("complete", (metrics,), parameters=np.int64(7))  # type: ignore[arg-type]


def no_result(config: TrialConfig, report: Report) -> TrialResult:
    """Return nothing."""
    return None  # type: ignore[return-value]


def environment(config: TrialConfig, report: Report) -> TrialResult:
    """Report its process and a variable of its environment."""
    return replace(succeed(config), environment={"pid": os.getpid(), "word": os.environ.get("WORD", "")})


def waiting_for_another(config: TrialConfig, report: Report) -> TrialResult:
    """Wait until two trials run at the same time."""
    report.folder.joinpath("here").touch()
    while len(list(report.folder.parent.glob("*/here"))) < 2:
        time.sleep(0.01)
    return succeed(config)


def flaky(config: TrialConfig, report: Report) -> TrialResult:
    """Succeed, but fail at the first attempt in a way that depends on the cell."""
    marker = report.folder.parent / f"tried-{config.key[:16]}"
    if marker.exists():
        return quick(config, report)
    marker.touch()
    return flaky_way(config)(config, report)


def flaky_way(config: TrialConfig) -> TrialFunction:
    """How `flaky` treats the first attempt of a trial."""
    ways = (failing, exiting, killed, quick)
    return ways[int(config.key[:4], 16) % len(ways)]


Outcome = Callable[[TrialConfig], TrialResult]


class Inline:
    """An engine in this process: a trial runs when messages are asked for."""

    def __init__(self, outcome: Outcome = succeed, *, workers: int = 1) -> None:
        self.outcome = outcome
        self.workers = workers
        self.submitted: list[tuple[int, TrialConfig, Path]] = []
        self.most = 0
        self.closed = False
        self._thread = threading.current_thread()
        self._waiting: dict[int, TrialConfig] = {}
        self._answers: dict[int, bool] = {}

    @property
    def free(self) -> int:
        return self.workers - len(self._waiting)

    def submit(self, trial: int, config: TrialConfig, folder: Path) -> None:
        assert self.free
        assert threading.current_thread() is self._thread
        self.submitted.append((trial, config, folder))
        self._waiting[trial] = config
        self.most = max(self.most, len(self._waiting))

    def renew(self) -> None: ...

    def messages(self) -> Iterator[Message]:
        trial, config = next(iter(self._waiting.items()))
        result = self.outcome(config)
        for epoch, metrics in enumerate(result.curve, start=1):
            yield Epoch(trial, epoch, metrics)
            if trial not in self._answers:  # It was released.
                del self._waiting[trial]
                return
            if not self._answers.pop(trial) and epoch < len(result.curve):
                result = replace(result, state="pruned", curve=result.curve[:epoch])
                break
        del self._waiting[trial]
        yield Finished(trial, result)

    def answer(self, trial: int, *, go_on: bool) -> None:
        self._answers[trial] = go_on

    def close(self) -> None:
        self.closed = True
