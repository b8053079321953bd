"""The codes are the library's own, the splits are disjoint, and the same settings give the same data."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qrcode

from study.errors import DataError
from study.task import Settings, Splits, defaults
from study.tasks.qr_digits import codes, task

SIZES = {"pool": 300, "validation": 200, "test": 100}


def quiet(done: int, total: int) -> None:
    pass


def settings(**changes: Any) -> Settings:
    return {**defaults(task), "mask": 0, **changes}


def splits(**changes: Any) -> Splits:
    return codes.make_splits(settings(**changes), sizes=SIZES, progress=quiet)


def numbers(made: Splits) -> list[str]:
    digits = np.concatenate([targets for _, targets in made.values()]).argmax(-1)
    return ["".join(map(str, row)) for row in digits[:, 0]]


@pytest.mark.parametrize("text", ["000000", "000001", "123456", "999999"])
def test_a_code_is_what_the_article_feeds_its_network(text: str) -> None:
    maker = qrcode.QRCode(version=1, error_correction=qrcode.constants.ERROR_CORRECT_H, box_size=1, border=0)
    maker.add_data(text)
    maker.make()
    expected = np.array(maker.make_image().get_image()).astype(np.uint8)
    made = codes.code(text, error_correction="H", mask="library")
    assert made.shape == (21, 21, 1)
    assert made.dtype == np.uint8
    assert (made[..., 0] == expected).all()


@pytest.mark.parametrize("mask", range(8))
def test_a_given_mask_is_the_one_used(mask: int) -> None:
    maker = qrcode.QRCode(version=1, error_correction=qrcode.constants.ERROR_CORRECT_L, mask_pattern=mask)
    maker.add_data("271828")
    maker.make()
    assert (codes.code("271828", error_correction="L", mask=mask)[..., 0] != np.array(maker.modules)).all()


@pytest.mark.parametrize(("level", "most"), codes.CAPACITY.items())
def test_the_capacity_of_each_level_is_the_librarys(level: str, most: int) -> None:
    codes.code("9" * most, error_correction=level, mask=0)
    with pytest.raises(qrcode.exceptions.DataOverflowError):
        codes.code("9" * (most + 1), error_correction=level, mask=0)


def test_numbers_are_drawn_without_replacement_and_fewer_are_a_prefix_of_more() -> None:
    drawn = codes.draw(5, seed=3, count=60_000)
    assert len(np.unique(drawn, axis=0)) == 60_000
    assert (codes.draw(5, seed=3, count=100) == drawn[:100]).all()
    assert (codes.draw(5, seed=4, count=100) != drawn[:100]).any()
    assert abs(drawn.mean() - 4.5) < 0.02


def test_any_number_of_digits_can_be_drawn() -> None:
    assert codes.draw(41, seed=0, count=1000).shape == (1000, 41)
    assert len(np.unique(codes.draw(1, seed=0, count=10))) == 10
    with pytest.raises(DataError, match="no 11 different numbers of 1 digits"):
        codes.draw(1, seed=0, count=11)


def test_shapes_types_and_disjoint_splits() -> None:
    made = splits()
    for name, size in SIZES.items():
        inputs, targets = made[name]
        assert inputs.shape == (size, 21, 21, 1)
        assert targets.shape == (size, 1, 6, 10)
        assert inputs.dtype == targets.dtype == np.uint8
        assert (targets.sum(-1) == 1).all()
    assert len(set(numbers(made))) == sum(SIZES.values())


def test_inputs_and_targets_belong_together() -> None:
    made = splits()
    inputs = np.concatenate([inputs for inputs, _ in made.values()])
    for index in (0, 249, 250, 599):
        assert (inputs[index] == codes.code(numbers(made)[index], error_correction="H", mask=0)).all()


def test_the_same_settings_give_the_same_data() -> None:
    first, second = splits(damage=0.1), splits(damage=0.1)
    for name in SIZES:
        assert all((a == b).all() for a, b in zip(first[name], second[name], strict=True))


def test_numbers_depend_on_seed_and_digits_alone() -> None:
    plain = numbers(splits())
    assert numbers(splits(mask=3, error_correction="L", damage=0.2)) == plain
    assert numbers(splits(data_seed=1)) != plain


def test_damage_flips_its_share_and_a_larger_one_flips_more_of_the_same() -> None:
    plain, little, much = (splits(damage=share)["pool"][0] for share in (0.0, 0.05, 0.2))
    assert (plain != little).mean() == pytest.approx(0.05, abs=0.005)
    assert (plain != much).mean() == pytest.approx(0.2, abs=0.01)
    assert ((plain != much) | (plain == little)).all()


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    codes.make_splits(settings(), sizes=SIZES, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(250, 600), (500, 600), (600, 600)]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"digits": 18}, "digits = 18 does not fit"),
        ({"digits": 35, "error_correction": "M"}, "digits = 35 does not fit"),
        ({"digits": 4}, "digits = 4 gives 10,000 numbers, and the three sets need 50,000; take at least 5"),
    ],
)
def test_numbers_that_cannot_be_are_refused(changes: dict[str, Any], complaint: str) -> None:
    (problem,) = task.problems(settings(**changes))
    assert problem.startswith(complaint)


@pytest.mark.parametrize("changes", [{"digits": 5}, {"digits": 17}, {"digits": 41, "error_correction": "L"}])
def test_numbers_that_can_be_are_not(changes: dict[str, Any]) -> None:
    assert task.problems(settings(**changes)) == []


def test_the_task_is_imported_without_its_libraries() -> None:
    heavy = "keras", "tensorflow", "numpy", "qrcode"
    script = f"import sys, study.tasks.qr_digits; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


MAKE = """
from study.tasks.qr_digits import codes

if __name__ == "__main__":
    numbers = codes.draw(6, seed=0, count=50_000)
    codes.make(numbers, error_correction="H", mask="library", progress=lambda *_: print(flush=True))
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes in /proc")
def test_the_processes_that_make_codes_end_with_their_parent(tmp_path: Path) -> None:
    (tmp_path / "make.py").write_text(MAKE)
    with subprocess.Popen([sys.executable, str(tmp_path / "make.py")], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
        assert len(children) >= 2
        os.kill(parent.pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while alive := [pid for pid in children if _runs(pid)]:
        assert time.monotonic() < until, alive
        time.sleep(0.05)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_data_are_the_same_on_every_machine() -> None:
    made = splits(damage=0.1)
    assert numbers(made)[:3] == ["357889", "061885", "970279"]
    inputs, targets = made["pool"]
    assert hashlib.sha256(inputs.tobytes() + targets.tobytes()).hexdigest()[:16] == "dd75d3b17fc90b43"
