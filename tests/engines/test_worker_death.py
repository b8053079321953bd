"""The reason and the cause of a worker's death, from its exit status."""

import signal
from pathlib import Path

import pytest

from study.engines import worker_death
from study.engines.worker_death import cause_of_death, death, is_death_by_code, memory_kills


@pytest.mark.parametrize(
    ("code", "reason", "by_code"),
    [
        (3, "the worker died (exit status 3)", True),
        (-signal.SIGSEGV, "the worker died (killed by SIGSEGV)", True),
        (-signal.SIGKILL, "the worker died (killed by SIGKILL)", False),
        (-signal.SIGTERM, "the worker died (killed by SIGTERM)", False),
    ],
)
def test_a_death_is_the_code_s_or_another_s(code: int, reason: str, by_code: bool) -> None:
    assert death(code) == reason
    assert is_death_by_code(reason) == by_code


def test_the_system_s_count_shows_a_kill_for_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = tmp_path / "vmstat"
    monkeypatch.setattr(worker_death, "_VMSTAT", counts)
    assert memory_kills() == 0
    counts.write_text("pgfault 12\noom_kill 7\n")
    assert memory_kills() == 7
    assert cause_of_death(-signal.SIGKILL, 6) == "memory"
    assert cause_of_death(-signal.SIGKILL, 7) == cause_of_death(1, 6) == "worker"
