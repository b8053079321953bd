"""What becomes of a merge if branches lose their layers."""

import keras
import pytest

from study.training.surgery.branches import Value, is_merge, main_branch, merged, with_layers
from study.training.surgery.misfit import MisfitError

WIDE, NARROW, GATE = (keras.Input(shape) for shape in ((4, 4, 8), (4, 4, 2), (1, 1, 8)))


def test_merges_are_layers_and_operations_of_several_tensors() -> None:
    for operation in (keras.layers.Add(), keras.layers.Concatenate(), (WIDE + WIDE)._keras_history.operation):
        assert is_merge(operation, [WIDE, WIDE])
    assert not is_merge((WIDE + 1)._keras_history.operation, [WIDE])
    assert not is_merge(keras.layers.MultiHeadAttention(1, 1), [WIDE, WIDE])


def test_a_branch_without_layers_goes_unless_none_has_any() -> None:
    full, empty, other = Value(WIDE), Value(WIDE, empty=True), Value(NARROW, empty=True)
    assert with_layers([full, empty]) == [full]
    assert with_layers([empty, other]) == [empty, other]
    same = Value(WIDE, empty=True)
    assert with_layers([empty, same]) == [empty]


def test_the_longest_branch_of_the_right_shape_is_the_main_one() -> None:
    shortcut, block, gate = Value(WIDE, length=1), Value(WIDE, length=3), Value(GATE, length=9)
    assert main_branch([shortcut, block], [WIDE, WIDE], WIDE) is block
    assert main_branch([shortcut, gate], [WIDE, GATE], WIDE) is shortcut
    assert main_branch([shortcut, Value(WIDE, empty=True, length=5)], [WIDE, WIDE], WIDE) is shortcut


def test_what_is_left_is_merged() -> None:
    add = keras.layers.Add(name="add")
    values = [Value(WIDE), Value(WIDE), Value(WIDE, empty=True)]
    assert tuple(merged(add, values, [WIDE] * 3).shape) == (None, 4, 4, 8)
    assert merged(add, values[1:], [WIDE] * 2) is WIDE
    joined = merged(keras.layers.Concatenate(), [Value(WIDE), Value(NARROW)], [WIDE, WIDE])
    assert joined.shape[-1] == 10


def test_a_merge_that_needs_both_branches_or_would_repeat_a_size_is_refused() -> None:
    with pytest.raises(MisfitError, match=r"away \(Subtract\) needs all of its branches"):
        merged(keras.layers.Subtract(name="away"), [Value(WIDE), Value(WIDE, empty=True)], [WIDE, WIDE])
    with pytest.raises(MisfitError, match=r"add would get \(4, 4, 8\) and \(1, 1, 8\)") as caught:
        merged(keras.layers.Add(name="add"), [Value(WIDE), Value(GATE)], [WIDE, WIDE])
    assert caught.value.mendable
    gated = merged(keras.layers.Multiply(name="gated"), [Value(WIDE), Value(GATE)], [WIDE, GATE])
    assert tuple(gated.shape) == (None, 4, 4, 8)
