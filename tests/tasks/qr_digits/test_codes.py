"""The codes are the article's, the splits are disjoint, and the same settings give the same data."""

import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import qrcode

from study.errors import DataError
from study.task import Settings, Splits, defaults
from study.tasks.qr_digits import codes, task
from tests.tasks.qr_digits import library

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
    expected = np.array(maker.make_image().get_image())
    number = np.array([[*map(int, text)]], np.uint8)
    (made,) = codes.make(number, error_correction="H", mask="library", progress=quiet)
    assert made.shape == (21, 21, 1)
    assert made.dtype == bool
    assert (made[..., 0] == expected).all()


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
        assert inputs.dtype == targets.dtype == bool
        assert (targets.sum(-1) == 1).all()
    assert len(set(numbers(made))) == sum(SIZES.values())


def test_inputs_and_targets_belong_together() -> None:
    for inputs, targets in splits().values():
        numbers = targets.argmax(-1)[:, 0]
        assert (inputs == library.codes(numbers, error_correction="H", mask=0)).all()


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


def test_progress_reaches_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = splits()
    monkeypatch.setattr(codes, "CHUNK", 250)
    seen: list[tuple[int, int]] = []
    made = codes.make_splits(settings(), sizes=SIZES, progress=lambda done, total: seen.append((done, total)))
    assert all((made[name][0] == whole[name][0]).all() for name in SIZES)
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


FINGERPRINTS: list[tuple[dict[str, Any], str]] = [
    ({}, "f4a48edec64b91ae"),
    ({"damage": 0.1}, "fa744edc7d02ee07"),
    ({"damage": 0.1, "mask": 0}, "e79fb216df67e94f"),
    ({"digits": 41, "error_correction": "L", "damage": 0.05, "data_seed": 7}, "88181760827483fa"),
]


@pytest.mark.parametrize(("changes", "fingerprint"), FINGERPRINTS)
def test_the_data_are_the_same_on_every_machine(changes: dict[str, Any], fingerprint: str) -> None:
    sha256 = hashlib.sha256()
    for inputs, targets in splits(**{"mask": "library", **changes}).values():
        sha256.update(inputs.astype(np.uint8).tobytes() + targets.astype(np.uint8).tobytes())
    assert sha256.hexdigest()[:16] == fingerprint


def test_the_numbers_are_the_same_on_every_machine() -> None:
    assert numbers(splits())[:3] == ["357889", "061885", "970279"]
    drawn = codes.draw(6, seed=0, count=50_000)
    assert hashlib.sha256(drawn.tobytes()).hexdigest()[:16] == "a60f929288adca82"
