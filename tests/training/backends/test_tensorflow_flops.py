"""Operations of a TensorFlow graph that no layer here makes: a GPU's recurrent layers, Python inside a graph."""

from typing import Any

import pytest

from study.training.backends.backend import UnknownFlopsError

tf = pytest.importorskip("tensorflow")


def count(call: Any, *shape: int) -> int:
    from study.training.backends.tensorflow_flops import forward_flops

    return forward_flops(call, tf.zeros(shape))


@pytest.mark.parametrize(("kind", "gates"), [("lstm", 4), ("gru", 3), ("rnn_tanh", 1)])
def test_a_recurrent_layer_of_a_gpu_is_counted_by_its_shapes(kind: str, gates: int) -> None:
    def call(steps: Any) -> Any:
        state = tf.zeros((1, 2, 5))
        return tf.raw_ops.CudnnRNN(
            input=steps, input_h=state, input_c=state, params=tf.zeros((999,)), rnn_mode=kind, is_training=False
        )[0]

    assert count(call, 6, 2, 12) == 2 * 6 * 2 * gates * 5 * (12 + 5)


def test_a_loop_of_a_known_length_counts_each_time() -> None:
    def call(rows: Any) -> Any:
        return tf.while_loop(lambda n, x: n < 7, lambda n, x: (n + 1, x @ tf.ones((3, 3))), [2, rows])[1]

    assert count(call, 4, 3) == 5 * 2 * 4 * 3 * 3


def test_only_what_the_outputs_need_counts() -> None:
    def call(rows: Any) -> Any:
        rows @ tf.ones((3, 9))
        return rows @ tf.ones((3, 2))

    assert count(call, 4, 3) == 2 * 4 * 3 * 2


def test_python_inside_a_graph_is_unknown() -> None:
    with pytest.raises(UnknownFlopsError, match="PyFunc"):
        count(lambda rows: tf.py_function(lambda x: x, [rows], tf.float32), 4, 3)


def test_a_shape_that_the_example_decides_is_counted_on_it() -> None:
    assert count(lambda rows: tf.boolean_mask(rows, rows[:, 0] >= 0) @ tf.ones((3, 2)), 4, 3) == 2 * 4 * 3 * 2
