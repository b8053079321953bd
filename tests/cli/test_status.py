"""`study status`."""

import json
import re
from pathlib import Path

import pytest

from study.cli.commands import main
from study.ledger.cell import Trial
from study.ledger.ledger import Ledger
from study.space.trial import TrialConfig, TrialResult
from tests.conftest import SMOKE, SMOKE_COUNTS, study
from tests.ledger.launches import run, work
from tests.ledger.test_look_cells import LOOKING, noisy
from tests.running.begun_study import begun
from tests.trial_functions import fail, space, succeed


def test_status_counts_add_up(smoke: tuple[Path, str], tmp_path: Path) -> None:
    status = json.loads(study("status", "smoke", "--json", "--store", str(smoke[0])))
    assert status == {"study": "smoke", "cells": 8, **SMOKE_COUNTS}
    by_file = json.loads(study("status", SMOKE, "--json", "--store", str(tmp_path)))
    assert by_file == {"study": "smoke", "cells": 8, **dict.fromkeys(SMOKE_COUNTS, 0), "missing": 8}
    assert "8 complete" in study("status", SMOKE, "--store", str(smoke[0]))


def shown(store: Path, name: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["status", name, "--store", str(store)]) == 0
    return capsys.readouterr().out.splitlines()


def test_a_complete_study_shows_its_answer_and_its_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, space(max_retries=0), by_depth)
    first, answer, _, titles, *rows = shown(tmp_path, "played", capsys)
    assert first == "study played: 6 cells: 4 complete, 2 failed"
    assert answer.startswith("depth=")
    assert titles.startswith("point ")
    assert any(row.startswith("baseline (depth=3) ") for row in rows)
    assert sum(": failed" in row for row in rows) == 2


def test_a_study_that_has_begun_shows_the_seeds_and_how_far_each_cell_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Ledger.own(tmp_path, space()) as ledger:
        work(ledger, most=1)
        stopped = begun(ledger, epochs=2)
        ledger.release(stopped.number, "stopped")
        running, starting = begun(ledger, epochs=1), begun(ledger, epochs=0)
        lines = shown(tmp_path, "played", capsys)
    assert lines[0] == "study played: 6 cells: 1 complete, 2 running, 3 missing"
    assert lines[1].split() == ["point", "complete:", "seeds", "running:", "seeds", "missing:", "seeds"]
    assert f"{name(stopped)}: begun, 2 of 3 epochs are done and kept" in lines
    (line,) = [line for line in lines if line.startswith(f"{name(running)}: running for ")]
    assert re.search(r"for \d+(\.\d)? s, 1 of 3 epochs, val_acc 0\.\d{3}$", line)
    assert any(line.startswith(f"{name(starting)}: running for ") and line.endswith(" s") for line in lines)


def name(trial: Trial) -> str:
    return f"{trial.config.key[:12]}  {trial.point}, seed {trial.config.seed}"


def by_depth(config: TrialConfig) -> TrialResult:
    return fail(config) if config.settings["depth"] == 5 else succeed(config)


def test_a_study_with_looks_shows_what_each_look_decided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, LOOKING, noisy, most=36)
    first, *_ = lines = shown(tmp_path, "played", capsys)
    assert first == "study played: 38 cells: 36 complete, 2 missing"
    place = lines.index("looks at 5, 8 and 12 seeds, the baseline at 12, 12 and 12")
    assert lines[place + 1] == "look 1 of 3: helps: pooling=flat; hurts: depth=1"
    assert lines[place + 2].startswith("look 2 of 3, at 8 seeds, is not complete: ")
    assert main(["status", "played", "--json", "--store", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out)["looks"] == lines[place : place + 3]
