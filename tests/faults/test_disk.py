"""A disk that is full, and a disk that cannot be written."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.faults.ballistics import space
from tests.faults.site import Site
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
    why = "cannot be written (Read-only file system); give another store with --store or STUDY_STORE"
    assert outputs["run"] == f"{undisturbed.study}: {why}\nexit 2\n"
