"""The options of a session, and a session that has nothing to run."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from study.errors import StudyError
from study.ledger.ledger import Ledger
from study.running import session
from study.running.loop import NoTracker, run
from study.running.session import Options, run_session
from tests.running.test_loop import Notes
from tests.trial_functions import Inline, space


def test_options_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "count_gpus", lambda: 0)
    with pytest.raises(StudyError, match="--gpus auto: no NVIDIA GPU was found in /proc/driver/nvidia/gpus;"):
        Options(gpus="auto")
    with pytest.raises(StudyError, match="--address head:6379 applies to a Ray cluster only; add --engine ray"):
        Options(address="head:6379")
    assert Options(engine="ray", gpus="auto", address="auto").workers is None


def test_a_complete_study_starts_no_worker(tmp_path: Path) -> None:
    output = io.StringIO()
    with Ledger.own(tmp_path, space()) as ledger:
        run(ledger, Inline(), NoTracker(), Notes())
        done = run_session(ledger, NoTracker(), Options(), Console(file=output))
    assert (done.before["complete"], done.before["missing"], done.stopped) == (6, 0, False)
    assert output.getvalue() == ""
