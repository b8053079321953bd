"""What users have for an array becomes a NumPy array that can be stored, as Keras's `fit` takes it."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from study.data.arrays import ArrayError, as_array, kind_of

FRAME = pd.DataFrame({"age": [1, 2, 3], "name": ["a", "b", "c"]})


@pytest.mark.parametrize(
    ("given", "dtype", "shape"),
    [
        (np.zeros((3, 2), np.uint8), np.uint8, (3, 2)),
        (np.array(["a", "bcd"], object), object, (2,)),
        (np.array(["a", "bcd"], np.dtypes.StringDType()), object, (2,)),
        (np.array([b"a", b"bcd"], object), object, (2,)),
        (np.zeros(3, ">f4"), np.dtype("<f4"), (3,)),
        (np.zeros(3, np.longdouble), np.float64, (3,)),
        (FRAME[["age"]], np.int64, (3, 1)),
        (FRAME["age"], np.int64, (3, 1)),
        (FRAME["name"], object, (3, 1)),
    ],
)
def test_it_becomes_what_fit_would_make_of_it(given: Any, dtype: Any, shape: tuple[int, ...]) -> None:
    array = as_array(given)
    assert type(array) is np.ndarray
    assert (array.dtype, array.shape) == (dtype, shape)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ([1, 2, 3], "holds Python values, [1, 2, 3]; make an array of them with np.array(…)"),
        (5, "holds Python values, 5; "),
        (iter([1]), "is list_iterator, which is no array"),
        (np.float32(1), "is a single value, float32 of shape (); the examples lie along the first axis"),
        (np.array(["2026-01-01"], "datetime64[D]"), "holds times, datetime64[D]; turn them into numbers, as (times"),
        (pd.Series(pd.to_datetime(["2026-01-01"])), "holds times, datetime64["),
        (np.zeros(2, [("a", int), ("b", float)]), "is a structured array; give a dict of its fields a, b"),
        (np.array([1, "a"], object), "is an array of objects, among them 1 (int); make numbers of them with array.as"),
        (np.array(["a", None], object), "among them None (NoneType); each must be a text, so fill what is missing"),
        (np.array([[1], [1, 2]], object), "among them [1] (list); rows of different lengths are padded by keras.util"),
        (np.ma.MaskedArray([1, 2], [True, False]), "is a masked array; fill its gaps, as array.filled(0) does"),
        (FRAME, "is a frame of different types, 'age' of int64, 'name' of str; give its columns as named inputs with"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_way_out(given: Any, complaint: str) -> None:
    with pytest.raises(ArrayError) as refused:
        as_array(given)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_tensors_are_arrays_unless_their_rows_differ() -> None:
    tensorflow = pytest.importorskip("tensorflow")
    assert as_array(tensorflow.constant([[1.0, 2.0]])).tolist() == [[1.0, 2.0]]
    assert as_array(tensorflow.constant(["a", "ü"])).tolist() == [b"a", "ü".encode()]
    with pytest.raises(ArrayError, match=r"is RaggedTensor, which is no array; pad its rows with \.to_tensor\(\), or"):
        as_array(tensorflow.ragged.constant([[1], [2, 3]]))
    with pytest.raises(ArrayError, match=r"is SparseTensor, which is no array; make it dense with \.toarray\(\) or tf"):
        as_array(tensorflow.sparse.from_dense([[0, 1]]))


def test_a_sparse_matrix_is_refused_with_a_way_out() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(ArrayError, match=r"is csr_\w+, which is no array; make it dense with \.toarray\(\)"):
        as_array(sparse.csr_array(np.eye(3)))


def test_a_value_is_described_by_what_it_is_made_of() -> None:
    assert kind_of(({"a": 1}, 2, None)) == "(a dict of 'a', int, None)"
    assert kind_of((1, 2, 3, 4, 5)) == "(int, int, int, int, …)"
