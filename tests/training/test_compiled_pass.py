"""A compiled pass gives the numbers that Keras's own `fit` and `evaluate` give; on whichever backend is in use."""

from typing import Any

import keras
import numpy as np
import pytest

from study.task import Examples
from study.training.compiled_pass import make_pass
from tests.training.unvalidated_models import NoAnswer, NoLoss

COUNT, BATCH = 101, 16
CHANCE = np.random.default_rng(0)
INPUTS = CHANCE.integers(0, 2, (COUNT, 6, 6, 1)).astype(bool)
CLASSES = CHANCE.integers(0, 5, COUNT).astype(np.uint8)
TARGETS = np.eye(5, dtype=bool)[CLASSES]
DATA = INPUTS, TARGETS
OPTIMIZERS = ("sgd", "adamw", "rmsprop")


def network(
    *, optimizer: Any = "adam", sparse: bool = False, dropout: float = 0.0, kind: type[keras.Model] = keras.Model
) -> keras.Model:
    keras.utils.set_random_seed(1)
    code = keras.Input((6, 6, 1))
    found = keras.layers.Conv2D(4, 3, activation="relu")(code)
    found = keras.layers.Flatten()(keras.layers.BatchNormalization()(found))
    found = keras.layers.Dense(5, activation="softmax", kernel_regularizer="l2")(keras.layers.Dropout(dropout)(found))
    model = kind(code, found)
    model.compile(optimizer, f"{'sparse_' if sparse else ''}categorical_crossentropy", metrics=["acc"])
    return model


def order(epoch: int) -> np.ndarray:
    return np.random.default_rng(epoch).permutation(COUNT)


def curve(model: keras.Model, data: Examples = DATA, *, limit: float | None = None) -> list[dict[str, float]]:
    """Two epochs of training, each validated."""
    fit = make_pass(model, data, batch=BATCH, training=True, limit=limit)
    validate = make_pass(model, data, batch=25, training=False, limit=limit)
    fit.prepare(COUNT)
    validate.prepare(COUNT)
    return [dict(through) for epoch in (1, 2) for through in (fit(order(epoch)), validate(np.arange(COUNT)))]


def plain(model: keras.Model, data: Examples) -> list[dict[str, float]]:
    """The same by Keras's own loops, on floats."""
    inputs, targets = data[0].astype("float32"), data[1]
    found = []
    for epoch in (1, 2):
        chosen = order(epoch)
        fitted = model.fit(inputs[chosen], targets[chosen], batch_size=BATCH, shuffle=False, verbose=0)
        found.append({name: values[-1] for name, values in fitted.history.items()})
        found.append(model.evaluate(inputs, targets, batch_size=25, verbose=0, return_dict=True))
    return found


def alike(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> bool:
    return all(a == pytest.approx(b, rel=1e-4) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("optimizer", [*OPTIMIZERS[:2], pytest.param(OPTIMIZERS[2], marks=pytest.mark.slow)])
def test_the_numbers_are_those_of_fit_and_evaluate_the_smaller_last_batch_included(optimizer: str) -> None:
    model, other = network(optimizer=optimizer), network(optimizer=optimizer)
    assert alike(curve(model), plain(other, (INPUTS, TARGETS.astype("float32"))))
    for weight, same in zip(model.get_weights(), other.get_weights(), strict=True):
        assert weight == pytest.approx(same, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("eager", [False, True])
def test_a_pass_leaves_averaged_weights_to_the_end_of_the_trial(eager: bool) -> None:
    model = network(optimizer=keras.optimizers.Adam(use_ema=True))
    model.run_eagerly = eager
    make_pass(model, DATA, batch=BATCH, training=True)(order(1))
    averages = [v for v in model.optimizer.variables if "average" in v.name]
    assert len(averages) == len(model.trainable_variables)
    assert not all(
        (np.asarray(w) == np.asarray(a)).all() for w, a in zip(model.trainable_variables, averages, strict=True)
    )


@pytest.mark.parametrize("kind", [np.uint8, pytest.param(np.int64, marks=pytest.mark.slow)])
def test_class_numbers_stay_numbers(kind: type) -> None:
    classes: np.ndarray = CLASSES.astype(kind)
    assert alike(curve(network(sparse=True), (INPUTS, classes)), plain(network(sparse=True), (INPUTS, classes)))


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_an_example_counts_the_same_whatever_it_is_stored_as(kind: type) -> None:
    assert curve(network(), (INPUTS.astype(kind), TARGETS.astype(kind))) == curve(network())


@pytest.mark.parametrize("batches", [0, 3])
def test_a_set_larger_than_the_device_gives_the_same_bits(batches: int) -> None:
    limit = batches * BATCH * (INPUTS.nbytes + TARGETS.nbytes) / COUNT
    streamed = network(dropout=0.4)
    first = curve(streamed, limit=limit)
    # Made after that, because the dropout of PyTorch draws from one generator for all models.
    resident = network(dropout=0.4)
    assert first == curve(resident)
    for weight, same in zip(streamed.get_weights(), resident.get_weights(), strict=True):
        assert (weight == same).all()


def test_a_set_on_disk_is_read_in_parts(tmp_path: Any) -> None:
    for name, array in (("inputs", INPUTS), ("targets", TARGETS)):
        np.save(tmp_path / f"{name}.npy", array)
    data = tuple(np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("inputs", "targets"))
    assert curve(network(), (data[0], data[1]), limit=2_000) == curve(network())


def test_the_order_decides_and_nothing_else_does() -> None:
    def loss(rows: np.ndarray) -> float:
        return float(make_pass(network(), DATA, batch=BATCH, training=True)(rows)["loss"])

    assert loss(order(1)) == loss(order(1))
    assert loss(order(1)) != loss(order(2))


def test_a_pass_may_take_some_examples_only() -> None:
    few = order(1)[:40]
    assert make_pass(network(), DATA, batch=BATCH, training=True)(few) == pytest.approx(
        make_pass(network(), (INPUTS[few], TARGETS[few]), batch=BATCH, training=True)(np.arange(40)), rel=1e-5
    )


def test_preparing_changes_nothing() -> None:
    model = network(dropout=0.4)
    fit = make_pass(model, DATA, batch=BATCH, training=True)
    before = [np.array(v) for v in [*model.variables, *model.optimizer.variables]]
    fit.prepare(COUNT)
    after = [np.array(v) for v in [*model.variables, *model.optimizer.variables]]
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


class OwnStep(keras.Model):  # type: ignore[misc]
    """Keeps Keras's training, but counts how often it is asked for a step."""

    asked = 0

    def train_step(self, *given: Any) -> Any:
        type(self).asked += 1
        return super().train_step(*given)


def test_a_model_that_brings_its_own_training_keeps_it() -> None:
    assert alike(curve(network(kind=OwnStep)), plain(network(), (INPUTS, TARGETS.astype("float32"))))
    assert OwnStep.asked


def test_a_model_that_runs_eagerly_does() -> None:
    eager = network()
    eager.run_eagerly = True
    assert alike(curve(eager), plain(network(), (INPUTS, TARGETS.astype("float32"))))


class Late(keras.Model):  # type: ignore[misc]
    """Makes its layers' weights when it first sees an example."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(5, activation="softmax")

    def call(self, inputs: Any) -> Any:
        return self.dense(keras.ops.reshape(inputs, (-1, 36)))


def test_a_model_without_declared_inputs_is_built_first() -> None:
    def late() -> keras.Model:
        keras.utils.set_random_seed(1)
        model = Late()
        model.compile("adam", "categorical_crossentropy", metrics=["acc"])
        return model

    assert alike(curve(late()), plain(late(), (INPUTS, TARGETS.astype("float32"))))


@pytest.mark.parametrize(
    ("kind", "reason"), [(NoAnswer, "has neither `call` nor `test_step`"), (NoLoss, "compiled without a loss")]
)
def test_a_model_that_cannot_be_validated_says_why(
    kind: type[keras.Model], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = kind()
    model.compile("sgd")
    assert make_pass(model, DATA, batch=25, training=True)(np.arange(COUNT))["energy"] > 0
    validate = make_pass(model, DATA, batch=25, training=False)
    validate.prepare(COUNT)
    assert validate(np.arange(COUNT)) == {}
    said = capsys.readouterr().out
    assert said.startswith("This model is not validated, because ")
    assert reason in said
