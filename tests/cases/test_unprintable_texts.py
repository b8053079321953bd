"""Descriptions, levels and other machines' records whose texts would disturb a terminal: every command shows them."""

import json
from pathlib import Path

import pytest

from study.cli.commands import main
from study.ledger.codes import Codes
from study.ledger.ledger import Ledger
from study.results import load_study
from study.running.loop import NoTracker, run
from study.space.factor import Factor
from study.space.search_space import SearchSpace
from study.winner.choice import choose
from study.winner.model_card import model_card
from tests.conftest import without_sums
from tests.running.test_loop import Notes
from tests.trial_functions import Inline, space, succeed

TITLE = "Is \x1b]0;gone\x07depth \x9b31mred\u2028?\r\n\n\0"
FILE = "\x1b[2Jtask.py\udce9"
LEVEL = "max\x1b[31m|\x07"


def strange() -> SearchSpace:
    """A study whose baseline and levels hold what moves a terminal's cursor."""
    plain = space(Factor("pooling", ("max", "mean")))
    levels = (LEVEL, "mean")
    baseline = {**plain.baseline, "pooling": LEVEL}
    return space(Factor("pooling", levels, levels), baseline=baseline, description=TITLE, nuisance=())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    with Ledger.own(folder, strange()) as ledger:
        run(ledger, Inline(succeed), NoTracker(), Notes())
    return folder


def assert_harmless(text: str) -> None:
    assert not {"\0", "\x1b", "\x9b", "\x07", "\r", "\udce9", "\u2028"} & set(text), ascii(text)


def test_every_command_shows_them_harmlessly(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = Ledger.read(store, "played").cells()[0].config.key
    for command in (["status", "played"], ["list"], ["effects", "played"], ["show", "played", key[:12]]):
        assert main([*command, "--store", str(store)]) == 0
    study = load_study("played", store=store)
    print(repr(study), study._repr_html_())
    shown = capsys.readouterr().out
    assert_harmless(shown)
    assert "max|\\x07" in shown
    assert "Is depth \\x9b31mred\\u2028?\n\n\\x00" in shown


def test_a_model_card_keeps_its_table(store: Path) -> None:
    ledger = Ledger.read(store, "played")
    card = model_card(ledger, choose(ledger), loading="")
    assert_harmless(card)
    assert "| pooling | mean |" in card or "| pooling | max\\|\\x07 |" in card


def test_records_of_another_machine_are_shown_harmlessly(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "played.jsonl"
    assert main(["export", "played", "--out", str(path), "--store", str(store)]) == 0
    header, *records = without_sums(path.read_text()).splitlines()
    codes = Codes({"a" * 64: {FILE: "1"}, "b" * 64: {FILE: "2"}}).to_json()
    first = {**json.loads(records[0]), "phase": "\x1b[31mno phase"}
    first["result"] |= {"code": "a" * 64}
    second = json.loads(records[1])
    second["result"] |= {"code": "b" * 64}
    third = json.loads(records[2])
    third["result"] |= {"code": "a" * 64}
    lines = [{**json.loads(header), "codes": codes, "revisions": ["\x1b[1mmargin"]}, first, second, third]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    other = ["--store", str(tmp_path / "other")]
    assert main(["import", str(path), *other]) == 2
    assert main(["import", str(path), "--accept", *other]) == 1
    for command in ("status", "effects"):
        main([command, "played", *other])
    shown = capsys.readouterr()
    assert_harmless(shown.out + shown.err)
    assert "task.py\\udce9 changed" in shown.err
