"""`study ablate` as a user types it: its files, its lines, its errors."""

import os
from pathlib import Path

import pytest

from study import cli
from tests.ledger.launches import run
from tests.toy_task import DEPTH
from tests.trial_functions import space
from tests.winner.searched_study import run_file, searched


@pytest.fixture(autouse=True)
def _lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)
    monkeypatch.chdir(tmp_path)


STORE = ("--store", "store")


def test_the_lines_say_what_is_put_back_and_what_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    searched(Path("store"))
    assert cli.main(["ablate", "searched", "--point", "pooling=mean rate=0.2", *STORE]) == 2
    assert "study 'searched' has no point" in capsys.readouterr().err
    assert cli.main(["ablate", "searched", *STORE]) == 0
    out = capsys.readouterr().out
    assert "of searched taken apart: each change is put back by itself" in " ".join(out.split())
    assert "  pooling: flat → max\n" in out
    assert "5 of them have run already, so they are taken over" in out
    assert out.endswith("next: study run searched_ablate.toml\n")
    assert run_file(Path("store"), Path("searched_ablate.toml")) > 0


@pytest.mark.slow
def test_a_path_is_gone_step_by_step_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    searched(Path("store"))
    for step in range(1, 9):
        assert cli.main(["ablate", "searched", "--path", *STORE]) == 0
        if "the path is complete; next: study plot path searched" in (out := capsys.readouterr().out):
            break
        assert out.endswith(f"next: study run searched_path{step}.toml\nthen: study ablate searched --path\n")
        assert cli.main(["ablate", "searched", "--path", *STORE]) == 0
        assert f"searched_path{step}: " in capsys.readouterr().out
        run_file(Path("store"), Path(f"searched_path{step}.toml"))
    assert "taken so far, of 3 changes: pooling=flat, then " in out
    assert cli.main(["plot", "path", "searched", "--out", "path.png", *STORE]) == 0
    assert Path("path.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "no study 'nothing'"),
        (("played", "--out", "mine.txt"), "mine.txt: give the name of a search-space file"),
        (("played", "--path", "--out", "mine.toml"), "a path has a file for each step, played_path1.toml and so on"),
        (("played", "--point", "depth=9"), "study 'played' has no point 'depth=9'; did you mean 'depth=5'?"),
        (("unfinished",), "has no final best point: 4 cells are missing"),
    ],
)
def test_bad_input_gets_one_clear_line(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Path("store"), space(DEPTH))
    run(Path("store"), space(DEPTH, name="unfinished"), most=2)
    assert cli.main(["ablate", *arguments, *STORE]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not list(Path().glob("*.toml"))
