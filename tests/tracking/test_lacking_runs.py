"""The runs that MLflow lacks are found, and logged at the next run once they are forgotten."""

from pathlib import Path

import pytest

from study.ledger.ledger import Ledger
from study.tracking.connection import connect
from study.tracking.experiment import TRIAL_TAG
from study.tracking.lacking_runs import lacking_runs
from study.tracking.logged_trials import LoggedTrials
from tests.tracking.logged_studies import launch, runs
from tests.trial_functions import space


def test_a_run_that_was_deleted_is_lacking_until_it_is_logged_again(store: Path) -> None:
    launch(store, space(seeds=(0,)))
    ledger = Ledger.read(store, "played")
    assert lacking_runs(ledger, store) == []
    _, children = runs(store)
    gone = children[0]
    connect(store).delete_run(gone.info.run_id)
    number = int(gone.data.tags[TRIAL_TAG])
    assert lacking_runs(ledger, store) == [number]
    assert LoggedTrials(ledger, store).trials == {0, 1, 2}
    LoggedTrials(ledger, store).forget()
    launch(store, space(seeds=(0,)))
    assert lacking_runs(ledger, store) == []
    assert len(runs(store)[1]) == 3


def test_a_study_that_was_never_logged_lacks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        assert lacking_runs(ledger, tmp_path) == []
