"""After any damage to the files of the cache, a trial gets the right data or one clear error, never wrong data."""

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study.data import dataset
from study.data.cache import attach
from study.data.dataset import Dataset
from study.errors import DataError
from study.space.task_code import TaskCode
from study.task import Fidelity, Progress, Setting, Settings, Splits
from tests.conftest import ROOT

DAMAGES = 1_000
BUILDS = 40


class Dots:
    """A task whose data are bits, bytes and floats."""

    name = "dots"
    version = 1
    settings: Mapping[str, Setting] = {"seed": Setting(0, low=0, high=9, part="data")}
    fidelity = Fidelity(1, 60, 20)

    def problems(self, settings: Settings) -> Sequence[str]:
        return []

    def data(self, settings: Settings, progress: Progress) -> Splits:
        source = np.random.default_rng(int(settings["seed"]))
        progress(1, 1)
        return {
            split: (source.random((count, 21, 21)) < 0.5, source.random((count, 3), np.float32))
            for split, count in (("pool", 60), ("validation", 20), ("test", 20))
        }

    def build(self, settings: Settings, *, steps: int) -> Any:
        raise NotImplementedError


def attached(seed: int = 0) -> Dataset:
    return attach(Dots(), {"seed": seed}, code=TaskCode(), on_progress=lambda what, done, total: None)


def right(data: Dataset, seed: int) -> bool:
    """Whether these data are the ones that the task makes."""
    made = Dots().data({"seed": seed}, lambda done, total: None)
    return made.keys() == data.splits.keys() and all(
        np.array_equal(stored, array)
        for split in made
        for stored, array in zip(data.splits[split], made[split], strict=True)
    )


def flip(chance: random.Random, file: Path, _: Path) -> None:
    content = bytearray(file.read_bytes())
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def cut(chance: random.Random, file: Path, _: Path) -> None:
    os.truncate(file, chance.randint(0, file.stat().st_size))


def grow(chance: random.Random, file: Path, _: Path) -> None:
    file.write_bytes(file.read_bytes() + chance.randbytes(chance.randrange(1, 100)))


def blank(chance: random.Random, file: Path, _: Path) -> None:
    """Overwrite the end of a file with zeros, as after a power cut."""
    content = file.read_bytes()
    start = chance.randint(0, len(content))
    file.write_bytes(content[:start] + bytes(len(content) - start))


def remove(_: random.Random, file: Path, __: Path) -> None:
    file.unlink()


def swap(chance: random.Random, file: Path, other: Path) -> None:
    """Swap a file with another one of its data set, or replace it by a file of another data set."""
    theirs = chance.choice([path for path in (*file.parent.iterdir(), *other.iterdir()) if path != file])
    mine = file.read_bytes()
    file.write_bytes(theirs.read_bytes())
    if theirs.parent == file.parent:
        theirs.write_bytes(mine)


def replace(_: random.Random, file: Path, other: Path) -> None:
    """Replace a whole data set by another one."""
    shutil.rmtree(file.parent)
    shutil.copytree(other, file.parent)


Damage = Callable[[random.Random, Path, Path], None]
WAYS: Sequence[Damage] = (flip, flip, flip, cut, grow, blank, remove, swap, swap, replace)


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.slow
def test_a_thousand_damages_never_give_wrong_data(root: Path) -> None:
    chance = random.Random(0)
    other, folder = attached(1).folder, attached().folder
    for _ in range(DAMAGES):
        chance.choice(WAYS)(chance, chance.choice(sorted(folder.iterdir())), other)
        if chance.random() < 0.5:
            dataset._READ.clear()  # As in a new process. Otherwise this process has already checked the files.
        assert right(attached(), 0)
    # A few damages change nothing: no byte may be cut off, and blanked bytes may have been zeros.
    assert 0.9 * DAMAGES < len(list((root / "damaged").iterdir())) <= DAMAGES
    assert right(attached(1), 1)


def test_a_damaged_cache_that_cannot_be_written_is_one_clear_error(root: Path) -> None:
    folder = attached().folder
    (folder / "pool.inputs.npy").unlink()
    dataset._READ.clear()
    shutil.rmtree(root / "damaged", ignore_errors=True)
    (root / "damaged").touch()  # A file in place of the folder, so that even root cannot write there.
    with pytest.raises(DataError, match=r"cannot be used.*STUDY_CACHE") as refused:
        attached()
    assert "\n" not in str(refused.value)


KILLED = """
import os, random, signal, sys, time
from tests.faults.test_cache_damage import attached

chance = random.Random(0)
for number in range({builds}):
    if not (child := os.fork()):
        for seed in range(10):
            attached(seed)
        os._exit(0)
    time.sleep(chance.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(number)
"""


def test_a_process_that_is_killed_while_it_makes_data_leaves_none_that_are_wrong(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED.format(builds=BUILDS)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.split() == list(map(str, range(BUILDS))), done.stderr
    assert all(right(attached(seed), seed) for seed in range(10))
    assert not (root / "damaged").exists()
    assert [path for path in root.iterdir() if path.is_dir() and path.name.startswith(".")] == []
