"""Layers are found by their names, by patterns, and inside models of a model."""

import pytest

from study.errors import TaskError
from study.training.surgery.layer_names import all_layers, find, graph_of
from tests.training.surgery.models import chain, nested


def paths(*names: str) -> list[str]:
    return [named.path for named in find(all_layers(nested()), names)]


def test_every_layer_has_a_path_also_those_inside_a_model() -> None:
    assert [path for path in paths("*") if "input" not in path] == [
        "backbone",
        "backbone/conv_1",
        "backbone/conv_2",
        "backbone/pool",
        "apart",
        "answer",
    ]
    assert graph_of(chain()) is not None
    assert graph_of(chain().layers[0]) is None


def test_a_name_may_leave_out_the_model_around_it() -> None:
    assert paths("conv_1") == paths("backbone/conv_1") == ["backbone/conv_1"]
    assert paths("conv_?", "backbone/conv_2", "answer") == ["backbone/conv_1", "backbone/conv_2", "answer"]


def test_a_name_of_nothing_is_refused_with_the_one_that_was_meant_or_with_all() -> None:
    with pytest.raises(TaskError, match=r"has no layer 'answr'; did you mean 'answer'\?"):
        paths("answr")
    with pytest.raises(TaskError, match=r"has no layer 'zz\*'; its layers are .*backbone/conv_1"):
        paths("zz*")


def test_a_name_of_several_must_say_which() -> None:
    layers = all_layers(nested())
    layers += [type(named)(named.path.replace("backbone", "other"), named.layer) for named in layers]
    with pytest.raises(TaskError, match=r"'conv_1' means backbone/conv_1, other/conv_1; write which one"):
        find(layers, ["conv_1"])
