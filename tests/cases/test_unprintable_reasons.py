"""Reasons that no file or terminal takes: stores and records that hold them open in every command."""

from dataclasses import replace
from pathlib import Path

import pytest

from study.cli.commands import main
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL
from study.results import load_study
from study.running import session
from study.running.loop import NoTracker, run
from study.space.trial import TrialConfig, TrialResult
from tests.conftest import without_sums
from tests.running.test_loop import Notes
from tests.toy_task import POOLING
from tests.trial_functions import Inline, curve, fail, space, succeed

RAW = "no \\udce9 \\u0000 \\u001b[31mred \\u2028 end" + "x" * 2_000
"""As it stands in JSON."""
SHOWN = "no \\udce9 \\x00 red \\u2028 end"


def mostly(config: TrialConfig) -> TrialResult:
    bad = config.settings["pooling"] == "flat"
    return replace(fail(config), reason="MARK", traceback="MARK") if bad else succeed(config)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store as an earlier version left it, with raw reasons."""
    folder = tmp_path / "store"
    with Ledger.own(folder, space(POOLING, max_retries=0)) as ledger:
        run(ledger, Inline(mostly), NoTracker(), Notes())
        journal = ledger.folder / JOURNAL
    journal.write_text(without_sums(journal.read_text()).replace("MARK", RAW))
    return folder


def test_an_old_store_with_such_reasons_opens_in_every_command(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at = ["--store", str(store)]
    for command in (["status", "played"], ["status", "played", "--json"], ["list"], ["effects", "played"]):
        assert main([*command, *at]) == 0
    for ending in ("csv", "parquet", "jsonl"):
        assert main(["export", "played", "--out", str(tmp_path / f"table.{ending}"), *at]) == 0
    key = next(cell.config.key for cell in Ledger.read(store, "played").cells() if cell.state == "failed")
    assert main(["show", "played", key[:12], *at]) == 0
    shown = capsys.readouterr().out
    assert SHOWN in shown
    assert not {"\0", "\x1b", "\udce9", "\u2028"} & set(shown)
    reasons = load_study("played", store=store).table["reason"]
    assert sum(SHOWN in reason for reason in reasons) == 2
    assert max(map(len, reasons)) == 500
    assert SHOWN in (tmp_path / "table.csv").read_text(encoding="utf-8")


def test_records_with_such_reasons_are_imported_and_known_again(store: Path, tmp_path: Path) -> None:
    path, other = tmp_path / "played.jsonl", str(tmp_path / "other")
    assert main(["export", "played", "--out", str(path), "--store", str(store)]) == 0
    path.write_text(without_sums(path.read_text()).replace(SHOWN.replace("\\", "\\\\"), RAW))
    assert "udce9 \\u0000" in path.read_text()
    for _ in range(2):
        assert main(["import", str(path), "--store", other]) == 0
    assert main(["effects", "played", "--store", other]) == 0
    assert load_study("played", store=other).table["state"].value_counts().to_dict() == {"complete": 4, "failed": 2}


def test_a_study_of_failed_cells_says_so_and_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    late = Inline(lambda config: replace(fail(config), curve=curve(config)[:1]))
    monkeypatch.setattr(session, "_engine", lambda ledger, options: late)
    monkeypatch.setattr("study.cli.run.read", lambda file: space(max_retries=0))
    assert main(["run", "any.toml", "--store", str(tmp_path)]) == 1
    first = capsys.readouterr().out
    assert main(["run", "any.toml", "--store", str(tmp_path)]) == 1
    second = capsys.readouterr().out
    assert "all 6 cells failed for good: `study status played` says why" in first
    assert second.startswith("nothing to run: all 6 cells of study 'played' failed for good\n")
    assert "study effects" not in first + second
