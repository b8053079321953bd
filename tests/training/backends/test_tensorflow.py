"""TensorFlow's own kernel in the place of Keras's normalisation of batches."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")
EXAMPLES = np.random.default_rng(0).random((40, 6, 6, 1), np.float32), np.arange(40) % 3


def model(**options: Any) -> Any:
    import keras

    keras.utils.set_random_seed(1)
    made = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(4, 3, activation="relu"),
            keras.layers.BatchNormalization(momentum=0.8, **options),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    made.compile("sgd", "sparse_categorical_crossentropy", metrics=["acc"])
    return made


@pytest.mark.parametrize(("options", "suits"), [({}, True), ({"scale": False}, False), ({"trainable": False}, False)])
def test_a_batch_is_normalised_by_one_kernel_as_keras_would(
    options: dict[str, Any], suits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    from study.training.compiled_pass import make_pass

    kernel, used = tf.compat.v1.nn.fused_batch_norm, []

    def noted(*arrays: Any, **words: Any) -> Any:
        used.append(words)
        return kernel(*arrays, **words)

    monkeypatch.setattr(tf.compat.v1.nn, "fused_batch_norm", noted)
    ours, keras_own = model(**options), model(**options)
    through = make_pass(ours, EXAMPLES, batch=16, training=True)
    for _ in range(2):
        metrics = through(np.arange(40))
        fitted = keras_own.fit(*EXAMPLES, batch_size=16, shuffle=False, verbose=0).history
    assert bool(used) == suits
    assert {name: pytest.approx(values[0], abs=1e-5) for name, values in fitted.items()} == metrics
    for mine, theirs in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        assert np.allclose(mine, theirs, atol=1e-5)
    assert np.allclose(ours.predict(EXAMPLES[0], verbose=0), keras_own.predict(EXAMPLES[0], verbose=0), atol=1e-5)
    assert "call" not in vars(ours.layers[1])


def test_the_switch_lets_keras_s_layer_round_to_the_last_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    from study.training.compiled_pass import make_pass

    monkeypatch.setenv("STUDY_BATCH_NORM", "keras")
    ours, keras_own = model(), model()
    metrics = make_pass(ours, EXAMPLES, batch=16, training=True)(np.arange(40))
    fitted = keras_own.fit(*EXAMPLES, batch_size=16, shuffle=False, verbose=0).history
    assert metrics == {name: values[0] for name, values in fitted.items()}
    for mine, theirs in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["gelu", "hard_silu"])
@pytest.mark.parametrize("cosine", [False, True], ids=["constant", "cosine"])
def test_without_the_folding_of_constants_a_pass_has_the_bits_of_fit(activation: str, cosine: bool) -> None:
    import keras
    import tensorflow as tf

    from study.engines.process_state import ProcessState
    from study.training.backends.tensorflow_switches import SWITCHES
    from study.training.compiled_pass import make_pass

    def built() -> Any:
        keras.utils.set_random_seed(1)
        layers = keras.layers.Flatten(), keras.layers.Dense(8, activation=activation), keras.layers.Dense(1)
        made = keras.Sequential([keras.Input((6, 6, 1)), *layers])
        rate = keras.optimizers.schedules.CosineDecay(0.05, 9) if cosine else 0.05
        made.compile(keras.optimizers.Adam(rate), "mse", jit_compile=False)
        return made

    before = ProcessState(SWITCHES)
    tf.config.optimizer.set_experimental_options({"constant_folding": False})
    try:
        ours, theirs = built(), built()
        through = make_pass(ours, EXAMPLES, batch=16, training=True)
        for _ in range(3):
            metrics = through(np.arange(40))
            fitted = theirs.fit(*EXAMPLES, batch_size=16, shuffle=False, verbose=0).history
            assert metrics == {name: values[0] for name, values in fitted.items()}
    finally:
        before.restore()
    assert all(np.array_equal(*pair) for pair in zip(ours.get_weights(), theirs.get_weights(), strict=True))
