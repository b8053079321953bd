"""Whatever does not fit in a study's folder is found, and nothing else."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from study.engines.cell_folder import folder_name
from study.ledger.ledger import Ledger
from study.ledger.store import JOURNAL, names, study_folder
from study.ledger.store_check import check_study
from tests.ledger.launches import outcomes, run
from tests.trial_functions import space


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study with two complete cells, two diverged ones and two that failed after all tries."""
    run(tmp_path, space(max_retries=1), outcomes)
    return study_folder(tmp_path, "played")


def found(folder: Path) -> list[str]:
    return [str(finding) for finding in check_study(folder.parent.parent, "played").findings]


def curve_files(folder: Path) -> list[Path]:
    """The curves of the cells that are complete or diverged."""
    return sorted(path for path in folder.glob("cells/*/curve.jsonl") if path.stat().st_size)


def test_a_whole_study_fits(folder: Path) -> None:
    checked = check_study(folder.parent.parent, "played")
    assert (checked.results, checked.older, checked.findings) == (8, 0, ())
    assert names(folder.parent.parent) == ["played"]


def change_digit(folder: Path) -> None:
    path = curve_files(folder)[0]
    path.write_text(path.read_text().replace("0.", "1.", 1))


def swap(folder: Path) -> None:
    one, other, *_ = curve_files(folder)
    kept = one.read_bytes()
    shutil.copy(other, one)
    other.write_bytes(kept)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_digit, ["curve.jsonl: is not the curve that was recorded"]),
        (swap, ["is not the curve that was recorded"] * 2),
        (lambda folder: curve_files(folder)[0].unlink(), ["curve.jsonl: is missing"]),
        (lambda folder: (folder / "cells" / "0123456789abcdef").mkdir(), ["belongs to no trial of the study"]),
        (
            lambda folder: (folder / JOURNAL).unlink(),
            ["trials.journal: is missing, but 6 cells of it have run; put it back"],
        ),
        (lambda folder: (folder / "test_openings.jsonl").write_text("{}\n"), ["test_openings.jsonl: cannot be read"]),
    ],
    ids=["digit", "swapped", "missing", "orphan", "no journal", "openings"],
)
def test_what_does_not_fit_is_found(folder: Path, change: Callable[[Path], object], words: list[str]) -> None:
    change(folder)
    findings = found(folder)
    assert len(findings) == len(words)
    assert all(word in finding for word, finding in zip(words, findings, strict=True)), findings


def test_a_line_of_another_program_is_found_and_a_changed_one_ends_the_journal(folder: Path) -> None:
    journal = folder / JOURNAL
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"op_code":2,"worker_id":"x","study_id":0,"user_attr":{"note":"mine"}}\n')
    number = whole.count(b"\n") + 1
    assert found(folder) == [f"{journal}: line {number} was written by another program, or by an earlier version"]
    assert Ledger.read(folder.parent.parent, "played").counts()["complete"] == 2
    line = whole.splitlines(keepends=True)[9]
    journal.write_bytes(whole.replace(line, line.replace(b'"worker_id"', b'"worker_iD"')))
    (finding,) = check_study(folder.parent.parent, "played").findings
    assert finding.cut == whole.index(line)
    assert "cannot be read from line 10 on" in finding.problem


def test_results_of_an_earlier_version_are_counted_and_their_missing_curves_found(folder: Path) -> None:
    journal, root = folder / JOURNAL, folder.parent.parent
    lines = []
    for line in journal.read_bytes().splitlines():
        log = json.loads(line)
        log.pop("sum")
        if "result" in log.get("user_attr", {}):
            del log["user_attr"]["result"]["checks"]
        lines.append(json.dumps(log) + "\n")
    journal.write_text("".join(lines))
    checked = check_study(root, "played")
    assert (checked.results, checked.older, checked.findings) == (8, 8, ())
    curve_files(folder)[0].unlink()
    (finding,) = check_study(root, "played").findings
    assert finding.problem.endswith("curve.jsonl: is missing")


def test_a_result_twice_and_one_of_another_cell_are_found(folder: Path) -> None:
    journal, lines = folder / JOURNAL, []
    for line in (folder / JOURNAL).read_bytes().splitlines():
        log = json.loads(line)
        log.pop("sum")
        lines.append(log)
    made = [log for log in lines if log["op_code"] == 4]
    one, other = made[0]["user_attrs"]["cell"], made[1]["user_attrs"]["cell"]
    other["seed"], other["point"] = other["seed"] + 7, other["point"]
    made[2]["user_attrs"]["cell"] = dict(one)
    journal.write_text("".join(json.dumps(log) + "\n" for log in lines))
    problems = found(folder)
    assert any("trial 1: its point and seed do not make its key" in problem for problem in problems)
    assert any("trial 2: StoreError: trial 2 has the result of cell" in problem for problem in problems)
    assert folder_name(one["key"]) == one["key"][:16]
