"""Results that were trained on data made differently are not pooled."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.errors import StoreError
from study.ledger.data_sets import DataSets
from study.ledger.ledger import Ledger
from study.records.record_ledger import RecordLedger
from study.space.trial import TrialConfig, TrialResult
from tests.ledger.launches import work
from tests.trial_functions import space, succeed


def with_data(fingerprint: str, name: str = "toy-0123", **others: str) -> dict[str, str]:
    return {"name": name, "fingerprint": fingerprint, **others}


def test_data_of_one_request_must_be_equal_wherever_they_were_made() -> None:
    sets = DataSets()
    sets.add(with_data("a", name="toy-here", request="toy-0123"))
    assert sets.difference(with_data("a", name="toy-there", request="toy-0123")) == ""
    assert sets.difference(with_data("b", name="toy-there", request="toy-4567")) == ""
    assert sets.difference({}) == ""
    assert sets.difference({"name": "toy-0123"}) == ""
    # The name of an older data set, and of a built-in task's, says the same as a request.
    assert "toy-0123 has the fingerprint b…, but a… here" in sets.difference(with_data("b"))


def unseeded(config: TrialConfig) -> TrialResult:
    """The result of a trial whose data are made anew, and otherwise, for the second seed."""
    return replace(succeed(config), data={"name": "toy-0123", "fingerprint": f"{config.seed}" * 64})


@pytest.mark.parametrize("kept", ["store", "records"])
def test_other_data_are_noticed_before_the_first_epoch(tmp_path: Path, kept: str) -> None:
    with (
        Ledger.own(tmp_path, space()) if kept == "store" else RecordLedger.own(tmp_path / "a.jsonl", space()) as ledger
    ):
        work(ledger, unseeded, most=1)  # type: ignore[arg-type]
        trial = ledger.next()
        assert trial is not None
        assert ledger.built(trial.number, {"parameters": 10}, with_data("0" * 64))
        assert ledger.built(trial.number, {"parameters": 10})
        with pytest.raises(StoreError, match=f"toy-0123 has the fingerprint {'1' * 12}…, but {'0' * 12}… here"):
            ledger.built(trial.number, {"parameters": 10}, with_data("1" * 64))


@pytest.mark.parametrize("kept", ["store", "records"])
def test_a_trial_on_other_data_is_not_recorded_and_ends_the_run(tmp_path: Path, kept: str) -> None:
    with (
        pytest.raises(StoreError, match=r"data\(\) made other data than before: seed every generator in it"),
        Ledger.own(tmp_path, space()) if kept == "store" else RecordLedger.own(tmp_path / "a.jsonl", space()) as ledger,
    ):
        work(ledger, unseeded)  # type: ignore[arg-type]
    if kept == "store":
        assert Ledger.read(tmp_path, "played").counts()["complete"] == 3
    else:
        assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 1 + 3
