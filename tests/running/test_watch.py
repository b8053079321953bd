"""A study that another process runs, followed by reading its store."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from study.ledger import store
from study.ledger.ledger import Ledger
from study.running.progress import Progress
from study.running.watch import Watched, watch
from tests.ledger.launches import killed, run, sweep, work
from tests.running.begun_study import begun, save
from tests.trial_functions import space


def test_a_watcher_shows_what_the_launcher_does_until_the_study_is_complete(tmp_path: Path) -> None:
    output = io.StringIO()
    with Ledger.own(tmp_path, space()) as launcher:
        work(launcher, most=1)
        steps: list[Callable[[], object]] = [lambda: work(launcher, most=2), lambda: work(launcher)]
        watcher = Ledger.read(tmp_path, "played")
        assert watch(watcher, Console(file=output, width=200), pause=lambda seconds: steps.pop(0)())
    assert steps == []
    assert "of this run" not in output.getvalue()  # A watcher knows what was there before.
    told = [line.partition(":  ")[0] for line in output.getvalue().splitlines()]
    assert [line[:5] for line in told] == ["[2/6]", "[3/6]", "[4/6]", "[5/6]", "[6/6]"]


def test_a_watcher_shows_how_far_running_cells_are(tmp_path: Path) -> None:
    shown: list[str] = []
    with Ledger.own(tmp_path, space()) as launcher:
        trial = begun(launcher, epochs=1)
        steps: list[Callable[[], object]] = [
            lambda: save(launcher, trial, epochs=2),
            lambda: launcher.release(trial.number, "stopped"),
            lambda: None,
        ]
        progress = Progress(Console(quiet=True), launcher.space.objective, total=6, done=0, workers=1)
        watched = Watched(Ledger.read(tmp_path, "played"), progress, known=set())
        for step in steps:
            assert watched.look()
            shown.append(" ".join(text for row in progress.running() for text in row[:2]))
            step()
    assert shown[0].startswith(f"{trial.point}, seed 0 epoch 1/3  val_acc 0.")
    assert shown[1].startswith(f"{trial.point}, seed 0 epoch 2/3  val_acc 0.")
    assert shown[2:] == [""]


def test_a_watcher_leaves_the_lock_alone_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger.own(tmp_path, space()) as launcher:
        work(launcher, most=2)
        monkeypatch.setattr(store, "has_owner", pytest.fail)
        monkeypatch.setattr("filelock.FileLock.acquire", pytest.fail)
        files = contents(launcher.folder)
        with pytest.raises(EOFError):  # At the first pause.
            watch(Ledger.read(tmp_path, "played"), Console(quiet=True), pause=leave)
        assert contents(launcher.folder) == files


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def leave(seconds: float) -> None:
    assert seconds >= 1
    raise EOFError


def test_without_a_launcher_there_is_nothing_to_follow(tmp_path: Path) -> None:
    run(tmp_path, space(), most=2)
    assert watch(Ledger.read(tmp_path, "played"), Console(quiet=True), pause=leave) is False
    run(tmp_path, space())
    assert watch(Ledger.read(tmp_path, "played"), Console(quiet=True), pause=leave) is True


def test_cells_of_a_launcher_that_was_killed_do_not_run(tmp_path: Path) -> None:
    killed(tmp_path, space(), after=1)
    (store.study_folder(tmp_path, "played") / store.OWNER).unlink(missing_ok=True)
    assert watch(Ledger.read(tmp_path, "played"), Console(quiet=True), pause=leave) is False


def test_a_sweep_is_followed_into_its_confirmation(tmp_path: Path) -> None:
    output = io.StringIO()
    with Ledger.own(tmp_path, sweep(trials=3)) as launcher:
        steps: list[Callable[[], object]] = [lambda: work(launcher, most=3), lambda: work(launcher)]
        assert watch(Ledger.read(tmp_path, "played"), Console(file=output, width=200), pause=lambda s: steps.pop(0)())
    lines = [line for line in output.getvalue().splitlines() if line.startswith("[")]
    assert len(lines) == launcher.counts().total()
    assert lines[-1].startswith(f"[{len(lines)}/{len(lines)}]")
