"""A worker takes no notice of the signals that ask a run to stop. What its task starts does."""

import signal
from pathlib import Path

import pytest

from study.engines.local import LocalEngine
from study.engines.stop_signals import STOP_SIGNALS, interruptible
from tests.engines.test_local import one


def test_a_worker_takes_no_notice_but_the_processes_of_its_task_do(tmp_path: Path) -> None:
    for function in ("signalled", "ending_its_own"):
        engine = LocalEngine(f"tests.trial_functions:{function}")
        try:
            _, result = one(engine, tmp_path / function)
        finally:
            engine.close()
        assert (result.state, result.reason) == ("complete", "")
    assert result.environment["ends"] == [-signal.SIGTERM, -signal.SIGTERM]


def test_every_signal_ends_a_command_as_ctrl_c_does() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # Ray, which other tests start, handles it itself.
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    for number in STOP_SIGNALS:
        with pytest.raises(KeyboardInterrupt), interruptible():
            signal.raise_signal(number)
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
