"""The best point's model is logged; what stands in the way is reported, and the caller goes on."""

from pathlib import Path

import pytest

from study.cli import run_in_store
from study.errors import StoreError, StudyError
from study.launch import Launch
from study.running.session import Session
from study.winner import best_model
from study.winner.best_model import log_best_model
from tests.winner.finished_study import finished


def test_a_model_that_cannot_be_kept_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise StudyError("no luck")

    ledger, lines = finished(tmp_path), list[str]()
    monkeypatch.setattr(best_model, "keep_weights", refuse)
    assert log_best_model(ledger, tmp_path, say=pytest.fail, warn=lines.append) is None
    assert lines == [
        "the model of the best point is not logged: no luck",
        "Every result is kept. When this is mended, `study best played` logs it.",
    ]


def test_the_address_of_a_logged_model_is_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(best_model, "keep_weights", lambda ledger, best, *, say, attended: None)
    monkeypatch.setattr(best_model, "register_model", lambda ledger, best, store, *, say: f"{store}/{best.cell.point}")
    address = log_best_model(finished(tmp_path), tmp_path, say=pytest.fail, warn=pytest.fail)
    assert address == f"{tmp_path}/depth=5"


@pytest.mark.parametrize(
    ("error", "address", "status", "words"),
    [
        (
            StudyError("its saved weights do not give"),
            None,
            False,
            "not logged: its saved weights do not give\nEvery",
        ),
        (StoreError("MLflow failed"), "", True, "MLflow failed\nNothing is lost: `study best played` logs the model."),
    ],
)
def test_a_model_that_is_not_logged_ends_a_run_with_1_only_if_the_model_is_the_reason(
    error: StudyError,
    address: str | None,
    status: bool,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*given: object, **options: object) -> str:
        raise error

    monkeypatch.setattr(best_model, "keep_weights", lambda ledger, best, *, say, attended: None)
    monkeypatch.setattr(best_model, "register_model", fail)
    ledger, lines = finished(tmp_path), list[str]()
    assert log_best_model(ledger, tmp_path, say=pytest.fail, warn=lines.append) == address
    assert words in "\n".join(lines)
    launch = Launch(ledger, Session(ledger.counts(), stopped=False), problem="")
    assert run_in_store._log_best_model(launch, tmp_path) is status
    assert words in capsys.readouterr().err
