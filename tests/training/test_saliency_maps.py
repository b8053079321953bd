"""Saliency maps: a model that looks at one pixel gives a map of this pixel alone, whatever its answers look like."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.data.nest_file import read_nest
from study.errors import DataError
from study.space.toml_file import read
from study.training import saliency_maps as module
from study.training.saliency_maps import MAPS, MOST, SaliencyMaps, find_image, map_saliency, saliency_maps
from tests.conftest import ROOT
from tests.training.one_trial import Report

Array = np.ndarray[Any, Any]
CODES = np.random.default_rng(0).random((200, 6, 5, 1)) > 0.5


def two_classes(sure: Array) -> Array:
    """Probabilities of two classes, of which the first is as likely as the pixel is bright."""
    return np.stack([sure, 1 - sure], axis=-1).astype(float)


def where(maps: Array) -> list[list[list[int]]]:
    """The pixels of each map that are not 0."""
    return [np.argwhere(one).tolist() for one in maps]


def test_a_model_that_looks_at_one_pixel_has_a_map_of_this_pixel() -> None:
    made = saliency_maps(lambda codes: two_classes(codes[:, 4, 1, 0]), CODES)
    assert (made.maps.shape, made.maps.dtype, made.examples, made.probabilities) == ((1, 6, 5), np.float32, 200, True)
    assert where(made.maps) == [[[4, 1]]]
    # Half of the examples get another pixel, and all their probability moves.
    assert made.maps[0, 4, 1] == pytest.approx(0.5, abs=0.1)


def test_the_number_is_the_share_of_the_examples_times_the_share_of_the_probability() -> None:
    codes = CODES[:2, :2, :2].copy()
    codes[:] = [[[[0], [0]], [[1], [0]]], [[[1], [0]], [[1], [0]]]]
    made = saliency_maps(lambda codes: two_classes(0.2 + 0.3 * codes[:, 0, 0, 0]), codes)
    # Of two examples, either both get the other's pixel, or each gets its own.
    assert made.maps[0, 0, 0] == pytest.approx(0.3) or made.maps[0, 0, 0] == 0
    assert made.maps.sum() == made.maps[0, 0, 0]


@pytest.mark.parametrize(
    ("answer", "answers", "probabilities"),
    [
        (lambda codes: codes[:, 2, 3], 1, False),
        (lambda codes: codes[:, 2, 3, 0], 1, False),
        (lambda codes: -5.0 * codes[:, 2, 3], 1, False),
        (lambda codes: np.stack([two_classes(codes[:, 2, 3, 0])] * 3, axis=1)[:, np.newaxis], 3, True),
        (lambda codes: [two_classes(codes[:, 2, 3, 0]), codes[:, 2, 3]], 2, False),
        (lambda codes: {"a": two_classes(codes[:, 2, 3, 0]), "b": two_classes(codes[:, 2, 3, 0])}, 2, True),
    ],
    ids=["one_number", "a_vector", "any_number", "digits", "list", "heads"],
)
def test_answers_may_have_any_form(answer: Callable[[Any], Any], answers: int, probabilities: bool) -> None:
    made = saliency_maps(answer, CODES)
    assert (where(made.maps), made.probabilities) == ([[[2, 3]]] * answers, probabilities)


def test_each_answer_has_its_own_map() -> None:
    made = saliency_maps(lambda codes: np.stack([two_classes(codes[:, 0, x, 0]) for x in range(5)], axis=1), CODES)
    assert where(made.maps) == [[[0, x]] for x in range(5)]


def test_one_map_stands_for_very_many_answers() -> None:
    made = saliency_maps(lambda codes: np.repeat(codes[:, 2:3, 3:4], 100, axis=1), CODES)
    assert (made.maps.shape, where(made.maps)) == ((1, 6, 5), [[[2, 3]]])


def test_what_is_the_same_in_all_examples_tells_nothing() -> None:
    codes = CODES.copy()
    codes[:, 4, 1] = True
    made = saliency_maps(lambda codes: two_classes(codes[:, 4, 1, 0]), codes)
    assert (made.maps == 0).all()


def test_other_inputs_stay_as_they_are() -> None:
    inputs = {"code": CODES, "factor": np.arange(200.0)[:, np.newaxis]}

    def answer(asked: dict[str, Array]) -> Array:
        return asked["code"][:, 1, 2] * asked["factor"]

    made = saliency_maps(answer, inputs)
    assert where(made.maps) == [[[1, 2]]]
    changed = made.maps[0, 1, 2] * 200
    assert changed == round(float(changed)) > 0  # A sum of some examples' own factors.


def test_channels_may_come_first_and_a_large_image_is_cut_into_squares() -> None:
    images = np.random.default_rng(0).integers(256, size=(60, 3, 64, 40), dtype=np.uint8)
    made = saliency_maps(lambda images: images[:, :, 33, 6].astype(float), images)
    assert made.maps.shape == (1, 64, 40)
    assert where(made.maps) == [[[y, x] for y in (32, 33) for x in (6, 7)]]


def test_the_more_parts_the_fewer_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PREDICTIONS", 3000)
    assert saliency_maps(lambda codes: codes[:, 0, 0], CODES).examples == 100
    monkeypatch.setattr(module, "PREDICTIONS", 30)
    assert saliency_maps(lambda codes: codes[:, 0, 0], CODES).examples == module.FEWEST


def test_answers_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(DataError, match="its answers are no numbers"):
        saliency_maps(lambda codes: np.array(["a"] * len(codes)), CODES)


def test_maps_pass_through_a_file_unchanged() -> None:
    made = saliency_maps(lambda codes: two_classes(codes[:, 4, 1, 0]), CODES)
    same = SaliencyMaps.of_nest(made.to_nest())
    assert (same.examples, same.probabilities, same.maps.tolist()) == (200, True, made.maps.tolist())


def test_a_worker_maps_a_keras_model_on_validation_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = keras.Input((6, 5, 1))
    pixel = keras.layers.Flatten()(keras.layers.Cropping2D(((4, 1), (1, 3)))(code))
    model = keras.Model(code, keras.layers.Concatenate()([pixel, 1 - pixel]))
    monkeypatch.setattr(module, "load_reproduced", lambda config, report: (None, model, None))
    monkeypatch.setattr(module, "trial_examples", lambda data, config: ((), (np.repeat(CODES, 3, axis=0),)))
    config = read(ROOT / "tests" / "handwritten.toml").config({}, seed=0)
    assert map_saliency(config, Report(tmp_path)).state == "complete"
    made = SaliencyMaps.of_nest(read_nest(tmp_path / MAPS))
    assert (where(made.maps), made.examples, made.probabilities) == ([[[4, 1]]], MOST, True)


def test_a_task_without_images_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    config = read(ROOT / "tests" / "handwritten.toml").config({}, seed=0)
    with pytest.raises(
        DataError, match=r"its inputs hold no images, and a map needs one; an example has the shape \(64"
    ):
        find_image(config, Report(tmp_path))
    assert (
        find_image(read(ROOT / "search_spaces" / "smoke.toml").config({}, seed=0), Report(tmp_path)).state == "complete"
    )
