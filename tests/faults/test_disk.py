"""A disk that is full, and a disk that cannot be written."""

import errno
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest

from study import cli
from tests.conftest import ROOT
from tests.faults.ballistics import space
from tests.faults.site import Site
from tests.ledger.launches import run
from tests.toy_task import DEPTH, POOLING

SPACE = space(DEPTH, POOLING, seeds=(0, 1))
FILE = """
name = "played"
task = "tests.toy_task:task"
objective = { metric = "val_acc", direction = "maximize" }
factors = { depth = [1, 3, 5] }
design = { kind = "ablation" }
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("undisturbed"), SPACE)
    site.run("--workers", "2")
    return site


def privately(script: str, *, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script whose mounts no other process sees."""
    command = ["unshare", "--mount", "bash", "-euc", script]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def mounting() -> None:
    """Skip the test if this user may not mount."""
    tried = shutil.which("unshare") and privately("mount -t tmpfs none /mnt", environment=dict(os.environ))
    if not tried or tried.returncode:
        pytest.skip("needs unshare (of util-linux) and the right to mount, which root has")


LATER = "nothing is lost: make room, and the same command goes on\n"
FULL = "No space left on device"


@pytest.mark.slow
def test_a_launcher_that_may_write_no_more_stops_with_a_line_and_goes_on_later(
    tmp_path: Path, undisturbed: Site
) -> None:
    site = Site(tmp_path, SPACE)
    full = (undisturbed.study / "trials.journal").stat().st_size
    for eighths in range(1, 8):
        errors = site.run("--workers", "2", "--file-size", str(eighths * (full // 8 + 1)), status=2)
        assert errors == f"{site.study}: cannot be written (File too large); {LATER}"
    assert 0 < site.counts()["complete"] < 10
    assert site.run("--workers", "2") == ""
    site.check()
    assert site.work.lost() <= 2 * 7
    assert site.tables() == undisturbed.tables()


def filling(site: Site, *options: str, kilobytes: Sequence[int]) -> list[tuple[int, str]]:
    """Run a launcher on its own disk at each of these sizes. Returns each launcher's exit status and its stderr."""
    site.store.mkdir()
    script = [f"mount -t tmpfs none {site.store}"]
    for number, size in enumerate(kilobytes):
        launch = shlex.join(site.command(*options))
        status = site.folder / f"status-{number}"
        script.append(f"mount -o remount,size={size}k {site.store}")
        script.append(f"{launch} 2> {site.folder}/errors-{number} && echo 0 > {status} || echo $? > {status}")
    script.append(f"cp -r {site.store} {site.folder}/kept")
    done = privately("\n".join(script), environment=site.environment)
    assert done.returncode == 0, done.stderr
    site.store.rmdir()
    (site.folder / "kept").rename(site.store)
    return [
        (int((site.folder / f"status-{number}").read_text()), (site.folder / f"errors-{number}").read_text())
        for number in range(len(kilobytes))
    ]


def test_a_full_disk_stops_a_launcher_with_a_line_and_with_room_it_goes_on(
    tmp_path: Path, undisturbed: Site, mounting: None
) -> None:
    site = Site(tmp_path, SPACE)
    *stopped, last = filling(site, "--workers", "2", kilobytes=(16, 24, 32, 40, 48, 4_000))
    launcher, trial = f"{site.study}: cannot be written ({FULL}); {LATER}", ": a trial found no room (OSError: "
    for status, errors in stopped:
        assert status == 2
        assert errors == launcher or trial in errors
        assert errors.endswith(LATER)
        assert len(errors.splitlines()) == 1
    assert last == (0, "")
    site.check()
    assert site.reasons() == {}
    assert site.work.lost() <= 2 * 5
    assert site.tables() == undisturbed.tables()


def test_a_trial_that_finds_no_room_is_not_to_blame(tmp_path: Path, undisturbed: Site, mounting: None) -> None:
    site = Site(tmp_path, SPACE)
    options = ("--workers", "2", "--function", "tests.faults.trial:heavy")
    first, second, last = filling(site, *options, kilobytes=(500, 1_500, 8_000))
    launcher, cell = f"{site.study}: cannot be written ({FULL}); {LATER}", f"{site.study}/cells/[0-9a-f]{{16}}"
    for status, errors in (first, second):
        assert status == 2
        reason = rf"OSError: \[Errno 28\] {FULL} \(trial\.py, line \d+\)"
        trial = rf"{cell}: a trial found no room \({reason}\); {re.escape(LATER)}"
        # The launcher may be the first to find no room.
        assert errors == launcher or re.fullmatch(trial, errors), errors
    assert last == (0, "")
    site.check()
    assert site.reasons() == {}
    assert site.tables() == undisturbed.tables()


# A file that a command writes


@contextmanager
def file_size(most: int) -> Iterator[None]:
    """Let no file become larger than this many bytes, as on a full disk."""
    (before, hard), compiling = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # Python would cut off the byte code of what it imports, and later believe it.
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        sys.dont_write_bytecode = compiling


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("cells.csv", "export played"),
        ("cells.jsonl", "export played"),
        ("epochs.csv", "export played --epochs"),
        ("cells.parquet", "export played"),
        pytest.param("factors.png", "plot factors played", marks=pytest.mark.slow),
        pytest.param("factors.svg", "plot factors played", marks=pytest.mark.slow),
        pytest.param("report.html", "report played", marks=pytest.mark.slow),
        pytest.param("report.md", "report played", marks=pytest.mark.slow),
    ],
)
def test_a_file_that_finds_no_room_leaves_the_old_one(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path / "store", space(DEPTH, seeds=(0, 1)))
    out = tmp_path / "out" / name
    out.parent.mkdir()
    out.write_text("old")
    arguments = [*command.split(), "--out", str(out), "--store", str(tmp_path / "store")]
    with file_size(1_000):
        assert cli.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{out}: cannot be written")
    assert "File too large" in line
    assert out.read_text() == "old"
    assert [*out.parent.iterdir()] == [out]
    assert cli.main(arguments) == 0
    assert out.stat().st_size > 1_000


def test_what_a_full_or_read_only_disk_takes_not_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, space(DEPTH, seeds=(0,)))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / "lock"))

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    for command in (["relocate"], ["verify-store", "--repair"], ["best", "played"], ["import", "b.jsonl"]):
        (tmp_path / "mlflow.db").touch()
        assert cli.main([*command, "--store", str(tmp_path)]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


# A store that can only be read


@pytest.mark.slow
def test_what_cannot_be_written_can_be_read(tmp_path: Path, undisturbed: Site, mounting: None) -> None:
    file = tmp_path / "played.toml"
    file.write_text(FILE)
    store, study = shlex.quote(str(undisturbed.store)), f"{shlex.quote(sys.executable)} -m study"
    key = undisturbed.ledger.cells()[0].config.key
    commands = {
        "status": f"{study} status played --json --store {store}",
        "list": f"{study} list --json --store {store}",
        "show": f"{study} show played {key} --store {store}",
        "export": f"{study} export played --out {tmp_path}/played.csv --store {store}",
        "effects": f"{study} effects played --store {store}",
        "report": f"{study} report played --out {tmp_path}/r.html --store {store}",
        "plot": f"{study} plot ablation played --out {tmp_path}/a.png --store {store}",
        "figures": f"{study} plot played --store {store}",
        "ui": f"{study} ui --store {store}",
        "run": f"{study} run {file} --store {store}",
    }
    script = [f"mount --bind {store} {store}", f"mount -o remount,bind,ro {store}", f"! touch {store}/new"]
    script += [f"({line} && echo exit 0 || echo exit $?) > {tmp_path}/{name} 2>&1" for name, line in commands.items()]
    done = privately("\n".join(script), environment=undisturbed.environment)
    assert done.returncode == 0, done.stderr
    outputs = {name: (tmp_path / name).read_text() for name in commands}
    assert json.loads(outputs["status"].removesuffix("exit 0\n"))["complete"] == 10
    assert json.loads(outputs["list"].removesuffix("exit 0\n"))["studies"][0]["study"] == "played"
    assert outputs["show"].startswith("baseline, seed 0: complete, trial 0\n")
    assert outputs["show"].endswith("exit 0\n")
    assert outputs["export"] == f"{tmp_path}/played.csv: 10 rows\nexit 0\n"
    assert outputs["effects"].endswith("exit 0\n")
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    # All figures of a store lie in it. That they cannot be written is no reason to say that they do not suit the study.
    assert "cannot be written" in outputs["figures"]
    assert "not for this study" not in outputs["figures"]
    assert outputs["figures"].endswith("exit 2\n")
    assert outputs["ui"].endswith("exit 2\n")
    assert outputs["ui"].count("\n") <= 3
    why = "cannot be written (Read-only file system); give another store with --store or STUDY_STORE"
    assert outputs["run"] == f"{undisturbed.study}: {why}\nexit 2\n"
