"""Whatever structure the data have, a pass gives the numbers of Keras's own `fit` and `evaluate`, to the last bit."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from study.data.nest import map_nest, take
from study.data.packed_texts import PackedTexts
from study.data.stored_array import PackedBools
from study.data.windows import Windows
from study.errors import TaskError
from study.training.class_weight import with_class_weight
from study.training.compiled_pass import make_pass
from study.training.model_inputs import check_batches

COUNT, BATCH = 101, 16
CHANCE = np.random.default_rng(0)
X = CHANCE.random((COUNT, 6), np.float32)
IMAGES = CHANCE.integers(0, 255, (COUNT, 4, 4, 1)).astype(np.uint8)
WORDS = np.array(["red", "green", "blue"])[CHANCE.integers(0, 3, COUNT)]
TEXTS = np.array([" ".join(["good", "bad", "film"][:length]) for length in CHANCE.integers(1, 4, COUNT)], object)
TOKENS = np.where(np.arange(9) < CHANCE.integers(1, 9, (COUNT, 1)), CHANCE.integers(1, 20, (COUNT, 9)), 0)
Y = (X.sum(axis=1) > 3).astype(np.float32)
CLASSES = (IMAGES.sum(axis=(1, 2, 3)) % 3).astype(np.int64)
WEIGHTS = CHANCE.random(COUNT)
SERIES = CHANCE.random((COUNT + 11, 2), np.float32)
layers = keras.layers


def compiled(inputs: Any, outputs: Any, **options: Any) -> keras.Model:
    model = keras.Model(inputs, outputs)
    model.compile(options.pop("optimizer", "adam"), **options)
    return model


def one_output(inputs: Any, hidden: Any, **options: Any) -> keras.Model:
    outputs = layers.Dense(1, activation="sigmoid")(hidden)
    return compiled(inputs, outputs, **{"loss": "binary_crossentropy", "metrics": ["acc"], **options})


def named_inputs(**options: Any) -> keras.Model:
    number, image = keras.Input((6,), name="number"), keras.Input((4, 4, 1), name="image")
    # With a seed, because else dropout on PyTorch draws from the process's generator. The loader in `fit` does so, too.
    dropped = layers.Dropout(0.2, seed=4)(number)
    hidden = layers.Concatenate()([dropped, layers.Flatten()(layers.Rescaling(1 / 255)(image))])
    return one_output({"image": image, "number": number}, hidden, **options)


def siamese() -> keras.Model:
    left, right = keras.Input((6,)), keras.Input((6,))
    encode = layers.Dense(4, activation="relu")
    return one_output([left, right], layers.Subtract()([encode(left), encode(right)]))


def two_outputs() -> keras.Model:
    inputs = keras.Input((6,))
    hidden = layers.Dense(8, activation="relu")(inputs)
    outputs = {"kind": layers.Dense(3, activation="softmax")(hidden), "size": layers.Dense(1)(hidden)}
    losses = {"kind": "sparse_categorical_crossentropy", "size": "mae"}
    weights = {"kind": 1.0, "size": 0.5}
    measures = {"kind": ["acc"], "size": ["mse"]}
    return compiled(inputs, outputs, loss=losses, loss_weights=weights, metrics=measures, weighted_metrics=measures)


def small(**options: Any) -> keras.Model:
    inputs = keras.Input((6,))
    return one_output(inputs, layers.Dense(8, activation="relu")(inputs), **options)


def classifier() -> keras.Model:
    inputs = keras.Input((6,))
    outputs = layers.Dense(3, activation="softmax")(inputs)
    loss = "sparse_categorical_crossentropy"
    return compiled(inputs, outputs, loss=loss, metrics=["acc"], weighted_metrics=["acc"])


def masked(kind: Any) -> keras.Model:
    inputs = keras.Input((None,), dtype="int32")
    return one_output(inputs, kind(layers.Embedding(20, 4, mask_zero=True)(inputs)))


def attention(tokens: Any) -> Any:
    return layers.GlobalAveragePooling1D()(layers.MultiHeadAttention(2, 4)(tokens, tokens))


def texts() -> keras.Model:
    text, word = keras.Input((), dtype="string", name="text"), keras.Input((1,), dtype="string", name="word")
    tokens = layers.TextVectorization(vocabulary=["good", "bad", "film"], output_sequence_length=4)(text)
    mean = layers.GlobalAveragePooling1D()(layers.Embedding(8, 3)(tokens))
    colour = layers.StringLookup(vocabulary=["red", "green"], output_mode="one_hot")(word)
    return one_output({"text": text, "word": word}, layers.Concatenate()([mean, colour]))


def recurrent() -> keras.Model:
    inputs = keras.Input((12, 2))
    return one_output(inputs, layers.LSTM(4)(inputs), loss="mse")


class Autoencoder(keras.Model):  # type: ignore[misc]
    """Has no targets: it adds its loss itself."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.outer = layers.Dense(3, activation="relu"), layers.Dense(6)

    def call(self, inputs: Any) -> Any:
        outputs = self.outer(self.inner(inputs))
        self.add_loss(keras.ops.mean(keras.ops.square(inputs - outputs)))
        return outputs


def autoencoder(kind: type[keras.Model] = Autoencoder) -> keras.Model:
    model = kind()
    model.compile("adam")
    return model


class OwnStep(Autoencoder):
    """Trains as VAEs and GANs do, on the inputs alone. `fit` hands them over without a tuple."""

    def train_step(self, data: Any, *more: Any) -> Any:
        assert not isinstance(data, tuple)
        return super().train_step(data, *more)


class OwnStepOnJax(Autoencoder):
    def train_step(self, state: Any, data: Any) -> Any:
        assert not isinstance(data, tuple)
        return super().train_step(state, data)


def own_step() -> keras.Model:
    return autoencoder(OwnStepOnJax if keras.backend.backend() == "jax" else OwnStep)


COLUMN = Y[:, None]
CASES: dict[str, tuple[Callable[[], keras.Model], tuple[Any, ...]]] = {
    "named inputs": (named_inputs, ({"image": IMAGES, "number": X.astype(np.float64)}, COLUMN)),
    "named inputs in another order": (named_inputs, ({"number": X, "image": IMAGES.astype(np.int32)}, COLUMN)),
    "a list of inputs": (siamese, ([X, X[::-1].copy()], COLUMN)),
    "two outputs": (two_outputs, (X, {"kind": CLASSES, "size": X[:, :1]})),
    "two outputs, a weight for each": (
        two_outputs,
        (X, {"kind": CLASSES, "size": X[:, :1]}, {"kind": WEIGHTS, "size": WEIGHTS[::-1].copy()}),
    ),
    "two outputs, one weight": (two_outputs, (X, {"kind": CLASSES, "size": X[:, :1]}, WEIGHTS)),
    "sample weights": (lambda: small(weighted_metrics=["acc", "AUC"]), (X, COLUMN, WEIGHTS)),
    "whole weights, a column": (small, (X, COLUMN, CLASSES[:, None])),
    "masks in a recurrent layer": (lambda: masked(layers.LSTM(4)), (TOKENS, COLUMN)),
    "masks in attention": (lambda: masked(attention), (TOKENS, COLUMN)),
    "texts": (texts, ({"text": TEXTS, "word": WORDS[:, None]}, COLUMN)),
    "no targets": (autoencoder, (X,)),
    "no targets, its own step": (own_step, (X,)),
    "several inputs, eagerly": (
        lambda: named_inputs(run_eagerly=True),
        ({"image": IMAGES, "number": X}, COLUMN, WEIGHTS.astype(np.float32)),
    ),
    "targets that are bool": (small, (X, COLUMN.astype(bool))),
    "windows": (recurrent, (sliding_window_view(SERIES, 12, axis=0).swapaxes(1, 2), X[:, :1])),
}


def model(case: str) -> keras.Model:
    keras.utils.set_random_seed(1)
    return CASES[case][0]()


def order(epoch: int) -> np.ndarray:
    return np.random.default_rng(epoch).permutation(COUNT)


def stored(array: np.ndarray) -> Any:
    """An array as the cache would hand it over."""
    if array.dtype == bool:
        return PackedBools.pack(array)
    return PackedTexts.pack(array) if array.dtype.hasobject else Windows.find(array) or array


def curve(model: keras.Model, examples: Any, *, limit: float | None = None) -> list[dict[str, float]]:
    examples = map_nest(stored, examples)
    fit = make_pass(model, examples, batch=BATCH, training=True, limit=limit)
    validate = make_pass(model, examples, batch=25, training=False, limit=limit)
    fit.prepare(COUNT)
    return [dict(run) for epoch in (1, 2) for run in (fit(order(epoch), epoch=epoch), validate(np.arange(COUNT)))]


def taken_by_fit(array: np.ndarray) -> Any:
    """Keras takes no texts in an array of NumPy's own kind for them."""
    return keras.ops.convert_to_tensor(array) if array.dtype.kind == "U" else array


def plain(model: keras.Model, examples: Any, **options: Any) -> list[dict[str, float]]:
    """The same by Keras's own loops."""
    runs: list[dict[str, float]] = []
    for epoch in (1, 2):
        x, y, weights = (*map_nest(taken_by_fit, take(examples, order(epoch))), None, None)[:3]
        fitted = model.fit(x, y, sample_weight=weights, batch_size=BATCH, shuffle=False, verbose=0, **options)
        runs.append({name: values[-1] for name, values in fitted.history.items()})
        x, y, weights = (*map_nest(taken_by_fit, examples), None, None)[:3]
        runs.append(model.evaluate(x, y, sample_weight=weights, batch_size=25, verbose=0, return_dict=True))
    return runs


def same_weights(ours: keras.Model, theirs: keras.Model) -> bool:
    return all(np.array_equal(*pair) for pair in zip(ours.get_weights(), theirs.get_weights(), strict=True))


NEAR_OTHERS = (
    *("named inputs in another order", "a list of inputs", "two outputs", "whole weights, a column"),
    *("masks in a recurrent layer", "no targets", "several inputs, eagerly", "two outputs, a weight for each"),
    *("masks in attention", "targets that are bool"),
)
"""Cases of which another is much the same. `make test` has no time for both."""


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.slow if case in NEAR_OTHERS else ()) for case in CASES]
)
def test_the_numbers_are_those_of_fit_to_the_last_bit(case: str) -> None:
    if case == "texts" and keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow has texts")
    ours, theirs = model(case), model(case)
    for mine, its in zip(curve(ours, CASES[case][1]), plain(theirs, CASES[case][1]), strict=True):
        assert mine == its
    assert same_weights(ours, theirs)


@pytest.mark.parametrize(
    "case",
    [
        *("named inputs", "texts"),
        *(pytest.param(case, marks=pytest.mark.slow) for case in ("windows", "two outputs, one weight")),
        pytest.param("targets that are bool", marks=pytest.mark.slow),
    ],
)
def test_data_that_are_sent_in_parts_give_the_same_bits(case: str) -> None:
    if case == "texts" and keras.backend.backend() != "tensorflow":
        pytest.skip("only TensorFlow has texts")
    parts, whole = model(case), model(case)
    assert curve(parts, CASES[case][1], limit=100) == curve(whole, CASES[case][1])
    assert same_weights(parts, whole)


@pytest.mark.parametrize("targets", [CLASSES, CLASSES[:, None], CLASSES.astype(np.float32)])
def test_class_weights_are_those_of_fit(targets: np.ndarray) -> None:
    weights = {0: 0.3, 2: 2.5}
    keras.utils.set_random_seed(1)
    ours = classifier()
    keras.utils.set_random_seed(1)
    theirs = classifier()
    fit = make_pass(ours, with_class_weight((X, targets), weights), batch=BATCH, training=True)
    for epoch, its in zip((1, 2), plain(theirs, (X, targets), class_weight=weights)[::2], strict=True):
        assert fit(order(epoch)) == its
    assert same_weights(ours, theirs)


def test_texts_on_another_backend_than_tensorflow_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(Exception, match="texts, which only KERAS_BACKEND=tensorflow takes; turn them into numbers"):
        make_pass(small(), ({"text": TEXTS}, COLUMN), batch=BATCH, training=True)


def fixed(*, stateful: bool) -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input(batch_shape=(BATCH, 12, 2))
    return one_output(inputs, layers.LSTM(3, stateful=stateful)(inputs), loss="mse")


def test_a_model_that_fixes_its_batches_is_validated_in_batches_of_that_size() -> None:
    if keras.backend.backend() == "torch":
        pytest.skip("Keras's own fit changes the state of a stateful layer in place, which PyTorch refuses")
    examples = np.ascontiguousarray(CASES["windows"][1][0][:96]), X[:96, :1]
    ours, theirs = fixed(stateful=True), fixed(stateful=True)
    fit = make_pass(ours, examples, batch=BATCH, training=True)
    validate = make_pass(ours, examples, batch=256, training=False)
    for run in (fit, validate):
        run.prepare(96)
    for _ in range(2):
        fitted = theirs.fit(*examples, batch_size=BATCH, shuffle=False, verbose=0)
        assert fit(np.arange(96)) == {name: values[-1] for name, values in fitted.history.items()}
        measured = theirs.evaluate(*examples, batch_size=BATCH, verbose=0, return_dict=True)
        assert validate(np.arange(96)) == measured


def test_batches_that_a_stateful_layer_cannot_take_are_refused() -> None:
    with pytest.raises(
        TaskError, match="keeps states for batches of 16 examples, and the training has batches of 8; s"
    ):
        check_batches(fixed(stateful=True), 96, batch=8)
    with pytest.raises(TaskError, match="and 101 examples cannot be divided into such; take 96"):
        check_batches(fixed(stateful=True), 101, batch=BATCH)
    for model in (fixed(stateful=False), small()):
        check_batches(model, 101, batch=8)
