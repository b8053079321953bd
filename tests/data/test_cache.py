"""The cache: made once, by one process, for the settings that decide it, and never half."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data import cache_contents, dataset
from study.data.cache import attach
from study.data.dataset import Dataset
from study.errors import DataError
from study.space.task_code import TaskCode
from study.task import Fidelity, Progress, Setting, Settings, Splits, Task


class Ramp:
    """A task whose data are a ramp, and which counts how often they are made."""

    name = "ramp"
    settings: Mapping[str, Setting] = {"rows": Setting(8, low=1, high=99, part="data"), "width": Setting(4)}
    fidelity = Fidelity(1, 8, 2)

    def __init__(self, version: int = 1, broken: Callable[[Any], Any] = lambda splits: splits) -> None:
        self.version = version
        self.broken = broken
        self.made = 0

    def problems(self, settings: Settings) -> Sequence[str]:
        return []

    def data(self, settings: Settings, progress: Progress) -> Splits:
        self.made += 1
        rows = int(settings["rows"])
        progress(rows, rows)
        ramp = np.arange(2 * rows, dtype=np.uint8).reshape(rows, 2)
        return self.broken({"pool": (ramp, ramp[:, :1]), "validation": (ramp[:2], ramp[:2, :1])})  # type: ignore[no-any-return]

    def build(self, settings: Settings, *, steps: int) -> Any:
        raise NotImplementedError


def attached(task: Task, **settings: Any) -> Dataset:
    return attach(task, settings, code=TaskCode(), on_progress=lambda what, done, total: None)


def visible(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.suffix != ".lock" and path.name != "damaged")


def forget() -> None:
    """Be as a process that has attached nothing yet."""
    dataset._READ.clear()


def test_a_data_set_is_made_once_and_then_mapped(root: Path) -> None:
    task = Ramp()
    seen: list[tuple[str, int, int]] = []
    first = attach(task, {"rows": 8, "width": 4}, code=TaskCode(), on_progress=lambda *said: seen.append(said))
    second = attached(task)
    assert first == second
    assert task.made == 1
    assert seen == [("making data", 0, 0), ("making data", 8, 8)]
    assert first.counts == {"pool": 8, "validation": 2}
    inputs, targets = second.splits["pool"]
    assert isinstance(inputs, np.memmap)
    assert (inputs == np.arange(16).reshape(8, 2)).all()
    assert np.array_equal(targets, inputs[:, :1])
    assert visible(root) == [first.folder.name]


def test_nobody_can_write_to_it() -> None:
    inputs, _ = attached(Ramp()).splits["pool"]
    assert isinstance(inputs, np.ndarray)
    with pytest.raises(ValueError, match="read-only"):
        inputs[0, 0] = 1


def test_the_manifest_says_what_is_there(root: Path) -> None:
    manifest = json.loads((attached(Ramp(), rows=9).folder / "manifest.json").read_text())
    assert manifest["settings"] == {"rows": 9}
    assert manifest["counts"] == {"pool": 9, "validation": 2}
    assert set(manifest["files"]) == {f"{s}.{p}.npy" for s in ("pool", "validation") for p in ("inputs", "targets")}
    assert set(manifest["versions"]) == {"numpy"}


def test_the_manifest_records_the_packages_that_the_task_names_and_the_entry_stays_the_same() -> None:
    class Named(Ramp):
        packages = ("qrcode", "filelock")

    plain = attached(Ramp())
    assert attached(Named()).folder == plain.folder
    made = attached(Named(), rows=9)
    versions = json.loads((made.folder / "manifest.json").read_text())["versions"]
    assert versions == {name: metadata.version(name) for name in ("numpy", "qrcode", "filelock")}


def test_only_data_settings_and_the_version_decide_the_entry() -> None:
    plain = attached(Ramp())
    assert attached(Ramp(), width=9).folder == plain.folder
    assert attached(Ramp(), rows=8.0).folder == plain.folder
    assert attached(Ramp(), rows=9).folder != plain.folder
    assert attached(Ramp(version=2)).folder != plain.folder


def test_a_setting_that_is_new_to_a_task_leaves_its_entries_as_they_are() -> None:
    grown = Ramp()
    grown.settings = {**Ramp.settings, "noise": Setting(0.0, part="data")}
    assert attached(grown).folder == attached(Ramp()).folder


def user_code(data: str = "a", place: str = "/home/me/task.py") -> TaskCode:
    return TaskCode({"task.py": "b"}, data, place)


def of_user(task: Task, code: TaskCode, **settings: Any) -> Dataset:
    return attach(task, settings, code=code, on_progress=lambda what, done, total: None)


def test_the_code_of_a_users_data_and_its_place_decide_the_entry_and_the_rest_of_its_code_does_not() -> None:
    task = Ramp()
    plain = of_user(task, user_code())
    assert of_user(task, TaskCode({"task.py": "another build"}, "a", "/home/me/task.py")).folder == plain.folder
    assert task.made == 1
    folders = {plain.folder, of_user(task, user_code(data="b")).folder, of_user(task, user_code(place="/b.py")).folder}
    assert len(folders) == 3
    assert attached(task).folder not in folders


def test_the_default_of_a_users_data_setting_decides_the_entry() -> None:
    class Other(Ramp):
        settings = {**Ramp.settings, "rows": Setting(9, low=1, high=99, part="data")}

    first, second = of_user(Ramp(), user_code()), of_user(Other(), user_code())
    assert (first.counts["pool"], second.counts["pool"]) == (8, 9)
    assert of_user(Other(), user_code(), rows=8) == first


def test_a_result_names_what_was_asked_for_alike_on_every_machine() -> None:
    here, there = of_user(Ramp(), user_code(), rows=9), of_user(Ramp(), user_code(place="/elsewhere/task.py"), rows=9)
    assert here.facts()["name"] != there.facts()["name"]
    assert here.facts()["request"] == there.facts()["request"] == attached(Ramp(), rows=9).folder.name
    assert "request" not in attached(Ramp(), rows=9).facts()


def test_the_list_says_which_file_made_a_users_data() -> None:
    of_user(Ramp(), user_code())
    attached(Ramp(), rows=9)
    listed = {entry.place: entry.settings for entry in cache_contents.entries()}
    assert listed == {"/home/me/task.py": {"rows": 8}, "": {"rows": 9}}


def test_the_fingerprint_is_of_the_data(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here, other = attached(Ramp()), attached(Ramp(), rows=9)
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "elsewhere"))
    there = attached(Ramp())
    assert here.folder != there.folder
    assert here == there
    assert here != other


def test_data_that_cannot_be_used_are_refused_in_one_line(root: Path) -> None:
    with pytest.raises(DataError, match="must be a dict of splits, not list") as refused:
        attached(Ramp(broken=list))
    assert "task 'ramp'" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert visible(root) == []


def test_a_task_may_not_look_at_settings_that_do_not_name_its_data() -> None:
    task = Ramp()
    task.settings = {"width": Setting(4)}
    with pytest.raises(DataError, match=r"'rows'.*part='data'"):
        attached(task)


def test_what_goes_wrong_in_a_task_leaves_nothing_behind(root: Path) -> None:
    def fail(_: Any) -> Any:
        raise OSError("the network is down")

    with pytest.raises(OSError, match="the network is down"):
        attached(Ramp(broken=fail))
    assert visible(root) == []
    assert attached(Ramp()).counts["pool"] == 8


def flip(path: Path) -> None:
    """Change one bit in the middle of a file, and nothing that a directory shows."""
    there, state = path.read_bytes(), path.stat()
    middle = len(there) // 2
    path.write_bytes(there[:middle] + bytes([there[middle] ^ 1]) + there[middle + 1 :])
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def swap(path: Path) -> None:
    """Exchange two files, or two manifests."""
    other = path.with_name("validation.inputs.npy")
    if path.name == "manifest.json":
        other = attached(Ramp(), rows=9).folder / path.name
    mine, theirs = path.read_bytes(), other.read_bytes()
    path.write_bytes(theirs)
    other.write_bytes(mine)


@pytest.mark.parametrize("damage", [flip, cut, swap, Path.unlink])
@pytest.mark.parametrize("name", ["pool.inputs.npy", "manifest.json"])
def test_a_damaged_entry_is_set_aside_and_made_again(name: str, damage: Callable[[Path], None], root: Path) -> None:
    whole = attached(Ramp())
    damage(whole.folder / name)
    forget()
    assert [bool(entry.problem) for entry in cache_contents.entries(check=True) if entry.name == whole.folder.name] == [
        True
    ]
    said = set[str]()
    again = Ramp()
    assert attach(again, {}, code=TaskCode(), on_progress=lambda what, done, total: said.add(what)) == whole
    assert again.made == 1
    (aside,) = (root / "damaged").iterdir()
    (what,) = said
    assert what.startswith("making data again, because the cache's are damaged (")
    assert what.endswith(f"): set aside as {aside}")
    forget()
    assert attached(again) == whole
    assert again.made == 1


def test_what_changed_since_it_was_attached_is_noticed_in_the_same_process() -> None:
    whole, again = attached(Ramp()), Ramp()
    cut(whole.folder / "validation.targets.npy")
    assert attached(again) == whole
    assert again.made == 1


def test_an_entry_is_read_once_by_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = attached(Ramp())
    monkeypatch.setattr(dataset, "_sha256", lambda _: pytest.fail("it was read again"))
    assert attached(Ramp()) == whole


def test_what_a_killed_process_left_is_swept_away(root: Path) -> None:
    name = attached(Ramp()).folder.name
    (root / name).rename(root / f".{name}.0123")
    attached(Ramp())
    assert visible(root) == [name]


def test_a_complete_cache_is_opened_without_writing(root: Path) -> None:
    folder = attached(Ramp()).folder
    folder.with_name(f".{folder.name}.lock").unlink()
    forget()
    attached(Ramp())
    assert [path.name for path in root.iterdir()] == [folder.name]


def test_a_cache_that_cannot_be_written_names_the_way_out(root: Path) -> None:
    root.write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"cannot be used.*STUDY_CACHE") as refused:
        attached(Ramp())
    assert "\n" not in str(refused.value)


SLOW = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_cache import Ramp, attached

def slow(splits):
    with open({log!r}, "a") as log:
        log.write(f"{{os.getpid()}}\\n")
    time.sleep(1)
    return splits

Path({ready!r} + sys.argv[1]).touch()
while not all(Path({ready!r} + name).exists() for name in "ab"):
    time.sleep(0.01)
print(attached(Ramp(broken=slow)).fingerprint)
"""


def test_two_processes_that_want_the_same_make_it_once(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "made"
    script = SLOW.format(tests=str(Path(__file__).parent), log=str(log), ready=str(tmp_path / "ready-"))
    both = [subprocess.Popen([sys.executable, "-c", script, name], stdout=subprocess.PIPE, text=True) for name in "ab"]
    answers = {process.communicate(timeout=60)[0].strip() for process in both}
    assert answers == {attached(Ramp()).fingerprint}
    assert len(log.read_text().split()) == 1
    assert len(visible(root)) == 1


class Drawn(Ramp):
    """A ramp that is shifted by generators without a seed of their own."""

    name = "drawn"

    def data(self, settings: Settings, progress: Progress) -> Splits:
        shift = np.float32(random.random() + np.random.rand())
        return {split: (x + shift, y) for split, (x, y) in super().data(settings, progress).items()}


def test_a_task_that_draws_without_a_seed_makes_the_same_data_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprints = set()
    for name in ("first", "second"):
        monkeypatch.setenv("STUDY_CACHE", str(tmp_path / name))
        fingerprints.add(attached(Drawn()).facts()["fingerprint"])
        random.random()
        np.random.rand()
    assert len(fingerprints) == 1
