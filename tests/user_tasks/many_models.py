"""Models of every kind that users bring, each with inputs for it. Own classes and functions are those of this file."""

from typing import Any

import keras
import numpy as np

ops, layers = keras.ops, keras.layers
CHANCE = np.random.default_rng(0)
ROWS = CHANCE.random((6, 3)).astype("float32")
WORDS = np.array([["red"], ["blue"], ["red"], ["green"], ["grey"], ["blue"]])
LINES = np.array(["a cat sat", "the dog", "a dog sat", "cat", "on", "a mat"])
NUMBERS = CHANCE.integers(0, 9, (6, 4)).astype("int32")


class Twice(layers.Layer):
    def call(self, inputs):
        return 2 * inputs


@keras.saving.register_keras_serializable("many_models")
class Thrice(layers.Layer):
    def call(self, inputs):
        return 3 * inputs


def softer(x):
    return ops.softplus(x)


class Network(keras.Model):
    def __init__(self, units=2, **options):
        super().__init__(**options)
        self.out = layers.Dense(units)

    def call(self, inputs):
        return self.out(inputs)


class Forgetful(keras.Model):
    """It does not take the options that Keras writes into a file."""

    def __init__(self, units=2):
        super().__init__()
        self.out = layers.Dense(units)

    def call(self, inputs):
        return self.out(inputs)


class Tricky(keras.Model):
    """Its arguments cannot be written to a file."""

    def __init__(self, maker):
        super().__init__()
        self.out = maker()

    def call(self, inputs):
        return self.out(inputs)


class Gan(keras.Model):
    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((5,)), layers.Dense(3)])
        self.discriminator = keras.Sequential([keras.Input((3,)), layers.Dense(1)])


class Sampling(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, inputs):
        return inputs + keras.random.normal(ops.shape(inputs), seed=self.seeds)


class Unanswering(keras.Model):
    """It has a `call`, which its `train_step` never uses."""

    def call(self, inputs):
        raise NotImplementedError("train it")


def plain():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2)]), ROWS


def several_inputs():
    inputs = {"word": keras.Input((1,), dtype="string", name="word"), "numbers": keras.Input((3,), name="numbers")}
    codes = layers.StringLookup(vocabulary=["red", "blue"], output_mode="one_hot")(inputs["word"])
    hidden = layers.Concatenate()([codes, layers.Normalization(mean=0.5, variance=2.0)(inputs["numbers"])])
    return keras.Model(inputs, layers.Dense(2)(hidden)), {"numbers": ROWS, "word": WORDS}


def named_list():
    one, other = keras.Input((3,), name="left"), keras.Input((3,), name="right")
    return keras.Model([one, other], layers.Dot(1)([one, other])), {"right": ROWS + 1, "left": ROWS}


def a_list():
    one, other = keras.Input((3,)), keras.Input((4,), dtype="int32")
    hidden = layers.Flatten()(layers.Embedding(9, 2)(other))
    return keras.Model([one, other], layers.Dense(1)(layers.Concatenate()([one, hidden]))), [ROWS, NUMBERS]


def a_tuple():
    model, (rows, numbers) = a_list()
    return model, (rows, numbers)


def deep():
    inputs = {"a": {"b": keras.Input((3,)), "c": [keras.Input((3,))]}, "d": keras.Input((4,), dtype="int32", name="d")}
    hidden = layers.Add()([inputs["a"]["b"], inputs["a"]["c"][0]])
    flat = layers.Flatten()(layers.Embedding(9, 2)(inputs["d"]))
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([hidden, flat]))), {
        "a": {"b": ROWS, "c": [ROWS]},
        "d": NUMBERS,
    }


def dict_outputs():
    inputs = keras.Input((3,))
    heads = {"price": layers.Dense(1)(inputs), "kind": layers.Dense(4, activation="softmax")(inputs)}
    return keras.Model(inputs, heads), ROWS


def list_outputs():
    inputs = keras.Input((3,))
    return keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)]), ROWS


def texts():
    words = layers.TextVectorization(vocabulary=["cat", "dog", "sat"], output_sequence_length=4)
    inputs = keras.Input((), dtype="string")
    hidden = layers.GlobalAveragePooling1D()(layers.Embedding(9, 2, mask_zero=True)(words(inputs)))
    return keras.Model(inputs, layers.Dense(1)(hidden)), LINES


def answers_in_texts():
    inputs = keras.Input((4,), dtype="int64")
    return keras.Model(inputs, layers.StringLookup(vocabulary=["a", "b"], invert=True)(inputs)), NUMBERS


def any_length():
    inputs = keras.Input((None,), dtype="int32")
    return keras.Model(inputs, layers.LSTM(2)(layers.Embedding(9, 2, mask_zero=True)(inputs))), NUMBERS


def fixed_batch():
    return keras.Sequential([keras.Input(batch_shape=(2, 4, 1)), layers.GRU(2, stateful=True)]), NUMBERS[..., None]


def a_lambda():
    return keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * 2), layers.Dense(1)]), ROWS


def own_layers():
    return keras.Sequential([keras.Input((3,)), Twice(), Thrice(), layers.Dense(2, activation=softer)]), ROWS


def own_layers_and_lambda():
    return keras.Sequential([keras.Input((3,)), Twice(), layers.Lambda(lambda x: x + 1), layers.Dense(2)]), ROWS


def hidden_class():
    class Inner(layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    return keras.Sequential([keras.Input((3,)), Inner(), layers.Dense(2)]), ROWS


def subclassed():
    return Network(), ROWS


def forgetful():
    return Forgetful(), ROWS


def tricky():
    return Tricky(lambda: layers.Dense(2)), ROWS


def gan():
    return Gan(), ROWS


def drawing():
    inputs = keras.Input((3,))
    mean = layers.Dense(2)(inputs)
    return keras.Model(inputs, [mean, Sampling()(mean)]), ROWS


def unanswering():
    return Unanswering(), ROWS


def mixed():
    policy = keras.DTypePolicy("mixed_bfloat16")
    return keras.Sequential([keras.Input((3,)), layers.Dense(2, dtype=policy)]), ROWS


def bfloat16():
    return keras.Sequential([keras.Input((3,), dtype="bfloat16"), layers.Dense(2, dtype="bfloat16")]), ROWS


def truths():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2)]), ROWS > 0.5


def bytes_of_images():
    return keras.Sequential([keras.Input((3,)), layers.Rescaling(1 / 255), layers.Dense(2)]), NUMBERS[:, :3].astype(
        "uint8"
    )


class ManyModels:
    """A task whose setting says which of these models it builds."""

    def build(self, settings, *, steps):
        return globals()[settings["kind"]]()[0]


task = ManyModels()


def make(name: str) -> Any:
    """Returns the model of this name, with inputs for it."""
    return globals()[name]()
