"""The end of a SLURM job, which is the end of the time for a run."""

import math
import time

import pytest

from study.running.allocation import allocation_in_words, hours_of_allocation


@pytest.mark.parametrize("text", [None, "", "soon", "-5", "9" * 400])
def test_without_a_scheduler_the_time_has_no_end(text: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLURM_JOB_END_TIME", raising=False)
    if text is not None:
        monkeypatch.setenv("SLURM_JOB_END_TIME", text)
    assert hours_of_allocation() == math.inf
    assert allocation_in_words() == ""


@pytest.mark.parametrize(("seconds", "lead"), [(7200, 60), (600, 60), (100, 10), (20, 2)])
def test_a_run_stops_shortly_before_the_job_ends(seconds: int, lead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time()) + seconds))
    assert hours_of_allocation() * 3600 == pytest.approx(seconds - lead, abs=2)
    assert allocation_in_words().startswith("this SLURM job ends at ")


def test_a_job_that_is_over_leaves_no_time_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_END_TIME", str(int(time.time()) - 100))
    assert hours_of_allocation() <= 0
    assert allocation_in_words().endswith("(SLURM_JOB_END_TIME); if there is no such job: unset SLURM_JOB_END_TIME")
