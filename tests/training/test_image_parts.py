"""Parts of images: which array is the image, how it is cut, and what an exchange changes."""

import re

import numpy as np
import pytest

from study.errors import DataError
from study.training import image_parts
from study.training.image_parts import Exchange, Image, exchanges, together


@pytest.mark.parametrize(
    ("shape", "rows", "columns", "axis"),
    [
        ((21, 21, 1), 21, 21, 1),
        ((28, 28), 28, 28, 1),
        ((3, 48, 64), 48, 64, 2),
        ((2, 5), 2, 5, 1),
        ((3, 4, 3), 3, 4, 1),
    ],
)
def test_the_sides_of_an_image_are_known(shape: tuple[int, ...], rows: int, columns: int, axis: int) -> None:
    assert Image.among(np.zeros((9, *shape))) == Image(0, rows, columns, axis)


def test_the_image_is_found_among_other_inputs() -> None:
    inputs = {"age": np.zeros((4, 2)), "scan": np.zeros((4, 8, 8, 1), np.uint8), "words": np.array([["a"]] * 4)}
    assert Image.among(inputs) == Image(1, 8, 8, 1)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        (np.zeros((4, 64)), "hold no images, and a map needs one; an example has the shape (64,) of float64"),
        (np.array(["a", "b"]), "hold no images, and a map needs one; an example has the shape () of <U1"),
        (np.zeros((4, 5, 1)), "hold no images"),
        (np.zeros((4, 5, 5, 5, 1)), "hold no images"),
        (
            (np.zeros((4, 5, 5)), np.zeros((4, 6, 6))),
            "hold 2 images, and a map needs one; an example has the shape (5, 5)",
        ),
    ],
    ids=["table", "texts", "series", "volumes", "two"],
)
def test_no_image_and_two_images_are_refused(inputs: object, words: str) -> None:
    with pytest.raises(DataError, match=re.escape(words)):
        Image.among(inputs)


@pytest.mark.parametrize(("shape", "side"), [((21, 21), 1), ((32, 5), 1), ((33, 5), 2), ((224, 200), 7)])
def test_the_parts_are_squares_that_cover_each_pixel_once(shape: tuple[int, int], side: int) -> None:
    covered = np.zeros((1, *shape), int)
    for part in Image.among(covered).parts():
        covered[part] += 1
        assert covered[part].shape[1] in (side, shape[0] % side)
    assert (covered == 1).all()


def test_an_exchange_changes_its_part_alone_and_only_to_what_another_example_has_there() -> None:
    images = np.random.default_rng(1).integers(100, size=(6, 3, 4, 2))
    image = Image.among(images)
    for exchange in exchanges(images, image.parts()):
        before = images[exchange.rows]
        assert (exchange.images != before).reshape(len(before), -1).any(axis=1).all()
        given = {tuple(one) for one in images[exchange.part].reshape(6, -1)}
        assert {tuple(one) for one in exchange.images[exchange.part].reshape(len(before), -1)} <= given
        restored = exchange.images.copy()
        restored[exchange.part] = before[exchange.part]
        assert np.array_equal(restored, before)


def test_what_is_the_same_in_all_examples_is_not_exchanged_and_every_run_exchanges_alike() -> None:
    images = np.random.default_rng(1).random((5, 2, 2)) > 0.5
    images[:, 0, 1] = True
    made, again = (list(exchanges(images, Image.among(images).parts())) for _ in range(2))
    assert len(made[1].rows) == 0 < len(made[2].rows)
    assert all(np.array_equal(one.images, other.images) for one, other in zip(made, again, strict=True))


@pytest.mark.parametrize("limit", ["_AT_ONCE", "_BYTES_AT_ONCE"])
def test_exchanges_are_gathered_up_to_a_limit(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_parts, limit, 5)
    single = [Exchange((slice(None),), np.arange(2), np.zeros((2, 1), np.uint8)) for _ in range(4)]
    assert [len(several) for several in together(iter(single))] == [3, 1]
    assert list(together(iter([]))) == []
