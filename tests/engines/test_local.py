"""The contract of an engine, kept by processes of this machine that die in every way they can."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from study.engines.engine import READY, Built, Engine, Epoch, Finished, Message, Preparing
from study.engines.local import LocalEngine
from study.space.trial import TrialConfig, TrialResult
from tests.conftest import ROOT
from tests.trial_functions import curve, diverge, exiting, failing, flaky_way, killed, quick, space, succeed

Make = Callable[..., LocalEngine]
FILE = "trial_functions.py"


def line_of(words: str) -> int:
    """The line of the trial functions that holds these words."""
    lines = (ROOT / "tests" / FILE).read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, start=1) if words in line)
    return number


@pytest.fixture
def make() -> Iterator[Make]:
    """Make engines whose workers end with the test."""
    engines: list[LocalEngine] = []

    def made(function: str, workers: int = 1, timeout: float | None = None, **environment: str) -> LocalEngine:
        engine = LocalEngine(
            f"tests.trial_functions:{function}", workers=workers, environment=environment or None, timeout=timeout
        )
        engines.append(engine)
        return engine

    yield made
    for engine in engines:
        engine.close()


def config(seed: int = 0) -> TrialConfig:
    return space().config({}, seed=seed)


def listen(engine: Engine, trials: int, *, stop: int | None = None) -> dict[int, list[Message]]:
    """What every trial said until so many had ended; each epoch is answered, and from `stop` on with an end."""
    said: dict[int, list[Message]] = {}
    while sum(isinstance(message, Finished) for messages in said.values() for message in messages) < trials:
        for message in engine.messages():
            said.setdefault(message.trial, []).append(message)
            if isinstance(message, Built):
                engine.answer(message.trial, go_on=stop is None or stop > 0)
            if isinstance(message, Epoch):
                engine.answer(message.trial, go_on=stop is None or message.epoch < stop)
    return said


def one(engine: Engine, folder: Path, *, stop: int | None = None) -> tuple[list[Message], TrialResult]:
    """What a single trial said, and its result."""
    engine.submit(7, config(), folder)
    assert engine.free == 0
    (*messages, last) = listen(engine, 1, stop=stop)[7]
    assert isinstance(last, Finished)
    assert not any(isinstance(message, Finished) for message in messages)
    assert engine.free == 1
    return messages, last.result


def gone(pid: int, *, seconds: float = 20) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        state = Path(f"/proc/{pid}/stat")
        try:
            over = state.read_text().rpartition(")")[2].split()[0] == "Z" and len(list(state.parent.glob("task/*"))) < 2
        except FileNotFoundError:
            return True
        if over:  # Its other threads may outlive the first one for a moment.
            return True
        time.sleep(0.02)
    return False


def pid_in(folder: Path, *, seconds: float = 120) -> int:
    """The process that a hanging trial says it is."""
    end = time.monotonic() + seconds
    while not (folder / "pid").exists() or not (folder / "pid").read_text():
        assert time.monotonic() < end, "the trial did not start"
        time.sleep(0.02)
    return int((folder / "pid").read_text())


def test_a_trial_reports_its_epochs_and_then_its_result(make: Make, tmp_path: Path) -> None:
    messages, result = one(make("preparing"), tmp_path)
    assert messages[0] == Preparing(7, "data", 1, 2)
    assert messages[1:] == [Epoch(7, epoch, metrics) for epoch, metrics in enumerate(curve(config()), start=1)]
    assert result == succeed(config())


def test_a_trial_ends_where_it_is_told_to(make: Make, tmp_path: Path) -> None:
    messages, result = one(make("quick"), tmp_path, stop=2)
    assert len(messages) == 2
    assert (result.state, result.curve) == ("pruned", curve(config())[:2])


def test_a_trial_that_may_not_train_its_model_ends_there(make: Make, tmp_path: Path) -> None:
    engine = make("building")
    messages, result = one(engine, tmp_path, stop=0)
    assert messages == [Built(7, {"parameters": 10})]
    assert result.state == "refused"
    messages, result = one(engine, tmp_path)
    assert [type(message) for message in messages] == [Built, Epoch, Epoch, Epoch]
    assert result == succeed(config())


def test_a_worker_serves_many_trials(make: Make, tmp_path: Path) -> None:
    engine = make("environment", WORD="given")
    results = [one(engine, tmp_path / str(number))[1] for number in range(3)]
    assert len({result.environment["pid"] for result in results}) == 1
    assert os.getpid() != results[0].environment["pid"]
    assert results[0].environment["word"] == "given"


def test_what_is_printed_goes_to_the_cell_and_not_to_the_screen(
    make: Make, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = make("printing")
    for cell in ("first", "second", "second"):
        assert one(engine, tmp_path / cell)[1].state == "complete"
    engine.close()
    lines = ["from below Python", "to stderr", "to stdout"]
    assert sorted((tmp_path / "first" / "log.txt").read_text().splitlines()) == lines
    assert sorted((tmp_path / "second" / "log.txt").read_text().splitlines()) == sorted(2 * lines)
    assert capfd.readouterr() == ("", "")


def test_an_exception_ends_its_trial_and_not_its_worker(make: Make, tmp_path: Path) -> None:
    engine = make("failing")
    messages, result = one(engine, tmp_path)
    assert len(messages) == 1
    assert (result.state, result.reason) == (
        "failed",
        f"ValueError: no luck ({FILE}, line {line_of('raise ValueError')})",
    )
    assert 'raise ValueError("no luck\\nnone at all")' in result.traceback
    assert result.seconds > 0
    assert "ValueError: no luck\nnone at all" in (tmp_path / "log.txt").read_text()
    assert one(engine, tmp_path)[1].reason == result.reason
    assert result.failure == "exception"
    assert result.traceback.startswith("In the task:\n  File ")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("exiting", "the worker died (exit status 3)"),
        ("killed", "the worker died (killed by SIGKILL)"),
        ("calling_exit", f"SystemExit: as if that were all ({FILE}, line {line_of('sys.exit')})"),
        ("no_result", "AttributeError: 'NoneType' object has no attribute 'to_json'"),
        ("out_of_memory", f"MemoryError: Unable to allocate 5 TiB ({FILE}, line {line_of('raise MemoryError')})"),
        ("missing", "AttributeError: module 'tests.trial_functions' has no attribute 'missing'"),
    ],
)
def test_a_trial_that_ends_badly_says_why(make: Make, tmp_path: Path, function: str, reason: str) -> None:
    engine = make(function)
    _, result = one(engine, tmp_path)
    assert (result.state, result.reason) == ("failed", reason)
    assert result.failure == ("worker" if "died" in reason else "memory" if "Memory" in reason else "exception")
    assert one(engine, tmp_path)[1].reason == reason


def test_what_was_printed_before_a_sudden_end_is_there(make: Make, tmp_path: Path) -> None:
    one(make("exiting"), tmp_path)
    assert (tmp_path / "log.txt").read_text() == "about to go\n"


def test_a_diverged_trial_is_no_failure(make: Make, tmp_path: Path) -> None:
    messages, result = one(make("diverging"), tmp_path)
    assert len(messages) == 2
    assert result.state == "diverged"
    assert str(result.curve) == str(diverge(config()).curve)


def test_numbers_arrive_as_plain_numbers(make: Make, tmp_path: Path) -> None:
    (epoch,), result = one(make("numpy_numbers"), tmp_path)
    assert isinstance(epoch, Epoch)
    assert type(epoch.metrics["val_acc"]) is type(result.metrics["val_acc"]) is float
    assert (type(result.parameters), result.parameters) == (int, 7)


@pytest.mark.parametrize("function", ["hanging", "never_ending"])
def test_a_trial_that_takes_too_long_is_ended(make: Make, tmp_path: Path, function: str) -> None:
    begin = time.monotonic()
    _, result = one(make(function, timeout=0.8), tmp_path)
    assert (result.state, result.reason) == ("failed", "took longer than trial_timeout = 0.8 seconds")
    assert result.failure == "timeout"
    assert 0.8 < result.seconds <= time.monotonic() - begin < 15


def test_the_time_that_data_take_is_not_the_trial_s(make: Make, tmp_path: Path) -> None:
    messages, result = one(make("slow_data", timeout=1.5), tmp_path)
    assert [type(message) for message in messages] == [Preparing] * 6 + [Epoch] * 3
    assert result.state == "complete"


def test_data_may_take_long_without_a_word_but_not_the_training(make: Make, tmp_path: Path) -> None:
    begin = time.monotonic()
    messages, result = one(make("silent_data", timeout=0.8), tmp_path)
    assert messages == [Preparing(7, "making data", 0, 0), Preparing(7, READY, 0, 0)]
    assert result.failure == "timeout"
    assert 1.5 + 0.8 < time.monotonic() - begin < 15
    assert 0.8 < result.seconds < 1.5, "the time of the data is not the trial's"


def test_a_worker_that_died_between_trials_is_replaced(make: Make, tmp_path: Path) -> None:
    engine = make("environment")
    first = int(one(engine, tmp_path)[1].environment["pid"])
    os.kill(first, signal.SIGKILL)
    assert gone(first)
    _, result = one(engine, tmp_path)
    assert result.state == "complete"
    assert result.environment["pid"] != first


def test_several_workers_run_at_once(make: Make, tmp_path: Path) -> None:
    engine = make("waiting_for_another", workers=2, timeout=60)
    assert engine.free == 2
    engine.submit(0, config(0), tmp_path / "0")
    engine.submit(1, config(1), tmp_path / "1")
    assert engine.free == 0
    said = listen(engine, 2)
    assert {trial: type(messages[0]) for trial, messages in said.items()} == {0: Finished, 1: Finished}
    assert [said[trial][0] for trial in (0, 1)] == [Finished(trial, succeed(config(trial))) for trial in (0, 1)]


def test_every_trial_ends_once_however_its_worker_fares(make: Make, tmp_path: Path) -> None:
    engine = make("flaky", workers=2)
    ways = {trial: flaky_way(config(trial)) for trial in range(14)}
    assert set(ways.values()) == {failing, exiting, killed, quick}
    # A trial that fails in a process that ran others is repeated, so the first of both workers show how these two fail.
    first = [next(trial for trial, way in ways.items() if way is wanted) for wanted in (failing, exiting)]
    waiting, said = [trial for trial in ways if trial not in first] + first, list[Message]()
    while len([message for message in said if isinstance(message, Finished)]) < 14:
        while engine.free and waiting:
            trial = waiting.pop()
            engine.submit(trial, config(trial), tmp_path / str(trial))
        for message in engine.messages():
            said.append(message)
            if isinstance(message, Epoch):
                engine.answer(message.trial, go_on=True)
    finished = [message for message in said if isinstance(message, Finished)]
    assert sorted(message.trial for message in finished) == list(range(14))
    reasons = {message.result.reason.partition(f" ({FILE}")[0] for message in finished}
    assert {"", "ValueError: no luck", "the worker died (exit status 3)"} < reasons
    assert "the worker died (killed by SIGKILL)" in reasons


def test_closing_ends_every_worker_now(make: Make, tmp_path: Path) -> None:
    engine = make("hanging", workers=2)
    for trial in (0, 1):
        engine.submit(trial, config(trial), tmp_path / str(trial))
    pids = [pid_in(tmp_path / str(trial)) for trial in (0, 1)]
    begin = time.monotonic()
    engine.close()
    assert all(map(gone, pids))
    assert time.monotonic() - begin < 5
    engine.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_ends_with_its_launcher_however_that_ends(tmp_path: Path, number: signal.Signals) -> None:
    code = f"""
from pathlib import Path
from study.engines.local import LocalEngine
from tests.engines.test_local import config
if __name__ == "__main__":
    engine = LocalEngine("tests.trial_functions:hanging")
    engine.submit(0, config(), Path({str(tmp_path)!r}))
    while True:
        list(engine.messages())
"""
    script = tmp_path / "launcher.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stderr=subprocess.PIPE, text=True
    ) as launcher:
        worker = pid_in(tmp_path)
        launcher.send_signal(number)
        launcher.wait(timeout=20)
        assert gone(worker)
        assert launcher.stderr is not None
        assert launcher.stderr.read() == ""
