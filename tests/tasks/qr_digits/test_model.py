"""The default network is the article's, and every option of every factor builds, answers, and loads again."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from study.task import Level, Settings, defaults
from study.tasks.qr_digits import SETTINGS, task

SMALL = {"width": 4, "conv_depth": 4}
RANDOM = np.random.default_rng(0)
CODES = RANDOM.integers(2, size=(12, 21, 21, 1), dtype=np.uint8).astype(bool)
TARGETS = np.eye(10, dtype=bool)[RANDOM.integers(10, size=(12, 1, 6))]


def settings(**changes: Level) -> Settings:
    return {**defaults(task), **changes}


def build(**changes: Level) -> Any:
    keras.utils.set_random_seed(0)
    return task.build(settings(**changes), steps=100)


def layers(model: Any, kind: type) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, kind)]


@pytest.fixture(scope="module")
def article() -> Any:
    return build()


def test_the_default_is_the_article_s_network_to_the_parameter(article: Any) -> None:
    assert article.count_params() == 5_940_796
    assert sum(int(np.prod(weight.shape)) for weight in article.trainable_weights) == 5_937_212


def test_the_default_is_the_article_s_network_to_the_layer(article: Any) -> None:
    order = [f"{kind}_{number}" for number in range(1, 8) for kind in ("conv", "norm")][:-1]
    heads = [f"digit_{place}" for place in range(1, 7)]
    assert [layer.name for layer in article.layers] == ["code", *order, "pooled", *heads, "digits"]
    convolutions = layers(article, keras.layers.Conv2D)[:7]
    assert [layer.filters for layer in convolutions] == [256] * 5 + [512] * 2
    assert {layer.output.shape[1:3] for layer in convolutions} == {(21, 21)}
    assert {layer.activation for layer in convolutions} == {keras.activations.relu}
    assert article.get_layer("pooled").output.shape == (None, 1, 1, 512)
    assert article.output_shape == (None, 1, 6, 10)


def test_the_default_costs_what_the_article_s_does(article: Any) -> None:
    flops = 0
    for layer in layers(article, keras.layers.Conv2D):
        _, height, width, _ = layer.output.shape
        flops += 2 * height * width * int(np.prod(layer.kernel.shape))
    assert flops == pytest.approx(5.2e9, rel=0.01)


def test_the_default_is_trained_as_the_article_does(article: Any) -> None:
    assert isinstance(article.optimizer, keras.optimizers.Adam)
    assert float(article.optimizer.learning_rate) == pytest.approx(1e-3)
    assert article.loss == "categorical_crossentropy"
    assert {layer.momentum for layer in layers(article, keras.layers.BatchNormalization)} == {0.99}
    assert settings()["batch_size"] == 128
    assert vars(task.fidelity) == {"epochs": 30, "train_examples": 30_000, "validation_examples": 10_000}


DEPTHS: tuple[Level, ...] = (1, 2, 12)
KERNELS: tuple[Level, ...] = (1, 2, 21)
OPTIONS: list[dict[str, Level]] = [
    *({name: choice} for name, s in SETTINGS.items() if s.part == "model" for choice in s.choices),
    *({"conv_depth": depth} for depth in DEPTHS),
    *({"kernel_size": size} for size in KERNELS),
    {"wide_layers": 0},
    {"wide_layers": 12},
    {"width": 1},
    {"wide_factor": 1},
    {"batch_norm": False},
    {"dropout": 0.5},
    {"coordinates": True},
    {"coordinates": True, "trunk": "dense", "conv_depth": 1},
    {"coordinates": True, "pooling": "flatten", "downsampling": "stride", "digits": 17},
    {"conv_depth": 2, "downsampling": "max_2x2"},
]


@pytest.mark.parametrize("option", OPTIONS, ids=str)
def test_every_option_builds_answers_and_loads_again(option: dict[str, Level], tmp_path: Path) -> None:
    chosen = {**SMALL, **option}
    assert task.problems(settings(**chosen)) == []
    model = build(**chosen)
    answers = np.asarray(model(CODES))
    assert answers.shape == (12, 1, chosen.get("digits", 6), 10)
    assert answers.sum(-1) == pytest.approx(1, abs=1e-5)
    model.save(tmp_path / "model.keras")
    # Nothing of ours is registered with Keras: what loads here loads where this package is not installed.
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert (np.asarray(loaded(CODES)) == answers).all()


def test_a_network_without_its_metrics_loads_as_it_is(tmp_path: Path) -> None:
    model = build(**SMALL)
    keras.Model(model.input, model.output).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (np.asarray(loaded(CODES)) == np.asarray(model(CODES))).all()


def test_the_last_layers_are_wide_however_few_there_are() -> None:
    for depth, expected in {1: [8], 2: [8, 8], 4: [4, 4, 8, 8]}.items():
        model = build(width=4, conv_depth=depth)
        assert [layer.filters for layer in layers(model, keras.layers.Conv2D)[:depth]] == expected
        assert len(layers(model, keras.layers.BatchNormalization)) == depth - 1


@pytest.mark.parametrize("kind", ["max_2x2", "average_2x2", "stride"])
def test_downsampling_makes_the_map_smaller_after_the_second_and_fourth_convolution(kind: str) -> None:
    model = build(width=4, conv_depth=5, downsampling=kind)
    sides = [model.get_layer(f"conv_{number}").input.shape[1] for number in range(1, 6)]
    assert sides == [21, 21, 11, 11, 6]


def test_the_ways_of_pooling_differ_only_in_what_the_heads_see() -> None:
    seen = {kind: build(**SMALL, pooling=kind).get_layer("pooled").output.shape for kind in SETTINGS["pooling"].choices}
    assert seen == {
        "global_max": (None, 1, 1, 8),
        "global_average": (None, 1, 1, 8),
        "flatten": (None, 1, 1, 21 * 21 * 8),
    }


def test_the_dense_trunk_has_no_convolution_but_the_heads() -> None:
    model = build(width=4, conv_depth=3, trunk="dense")
    assert [layer.units for layer in layers(model, keras.layers.Dense)] == [4, 4, 4]
    assert len(layers(model, keras.layers.BatchNormalization)) == 2
    assert len(layers(model, keras.layers.Conv2D)) == 6
    assert model.count_params() == (441 * 4 + 4) + 2 * (4 * 4 + 4) + 2 * 16 + 6 * (4 * 10 + 10)


def test_coordinates_say_where_a_module_is() -> None:
    model = build(**SMALL, coordinates=True)
    seen = np.asarray(keras.Model(model.input, model.get_layer("with_places").output)(CODES))
    places = np.linspace(0, 1, 21, dtype=np.float32)
    assert (seen[..., :1] == CODES).all()
    assert seen[..., 1] == pytest.approx(np.broadcast_to(places[:, None], (12, 21, 21)))
    assert seen[..., 2] == pytest.approx(np.broadcast_to(places[None, :], (12, 21, 21)))


def test_dropout_is_right_before_the_heads() -> None:
    model = build(**SMALL, dropout=0.5)
    assert model.get_layer("digit_1").input is model.get_layer("dropout").output
    assert not layers(build(**SMALL), keras.layers.Dropout)


def test_metrics_count_digits_numbers_and_places() -> None:
    model = build(**SMALL)
    model.run_eagerly = True
    measured = model.evaluate(CODES, TARGETS, batch_size=5, verbose=0, return_dict=True)
    right = np.asarray(model(CODES)).argmax(-1)[:, 0] == TARGETS.argmax(-1)[:, 0]
    expected = {f"digit_{place + 1}_acc": right[:, place].mean() for place in range(6)}
    expected |= {"acc": right.mean(), "number_acc": right.all(axis=1).mean()}
    assert {name: value for name, value in measured.items() if name != "loss"} == pytest.approx(expected)
    assert 0 < measured["acc"] < 1


def test_number_acc_is_the_share_of_numbers_read_in_full() -> None:
    model = build(**SMALL)
    model.run_eagerly = True
    answers = np.asarray(model(CODES)).argmax(-1)
    answers[:3, 0, 2] = (answers[:3, 0, 2] + 1) % 10
    measured = model.evaluate(CODES, np.eye(10, dtype=np.uint8)[answers], verbose=0, return_dict=True)
    assert measured["number_acc"] == pytest.approx(9 / 12)
    assert measured["digit_3_acc"] == pytest.approx(9 / 12)
    assert measured["acc"] == pytest.approx(1 - 3 / 72)


@pytest.mark.slow
@pytest.mark.slow
def test_fit_takes_the_codes_as_they_are_stored() -> None:
    curves = []
    for kind in (bool, np.float32):
        model = build(width=4, conv_depth=2)
        model.jit_compile = False
        history = model.fit(CODES.astype(kind), TARGETS.astype(kind), batch_size=4, verbose=0, shuffle=False)
        curves.append(history.history)
    assert curves[0] == curves[1]


@pytest.mark.parametrize("name", SETTINGS["optimizer"].choices)
def test_every_optimizer_takes_the_learning_rate(name: str) -> None:
    model = build(**SMALL, optimizer=name, learning_rate=0.25)
    assert type(model.optimizer).__name__.lower() == name
    assert float(model.optimizer.learning_rate) == 0.25


def test_weights_decay_as_told_and_else_as_keras_has_it() -> None:
    assert build(**SMALL, optimizer="adamw", weight_decay=0.25).optimizer.weight_decay == 0.25
    assert build(**SMALL, optimizer="adamw").optimizer.weight_decay == keras.optimizers.AdamW().weight_decay


def test_a_cosine_ends_at_zero_with_the_last_step() -> None:
    model = build(**SMALL, schedule="cosine", learning_rate=0.25)
    assert float(model.optimizer.learning_rate) == 0.25
    model.optimizer.iterations.assign(50)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.125)
    model.optimizer.iterations.assign(100)
    assert float(model.optimizer.learning_rate) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"trunk": "dense", "downsampling": "stride"}, "needs a map, and trunk = 'dense' has none"),
        ({"conv_depth": 1, "downsampling": "max_2x2"}, "take a conv_depth of at least 2"),
        ({"weight_decay": 0.1}, "weight_decay has an effect only with optimizer = 'adamw'"),
    ],
)
def test_what_would_change_nothing_is_refused(changes: dict[str, Level], complaint: str) -> None:
    (problem,) = task.problems(settings(**changes))
    assert complaint in problem


def test_the_default_has_no_problem() -> None:
    assert task.problems(settings()) == []
