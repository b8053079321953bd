"""The table [surgery], and every message about it."""

import json
import zipfile
from pathlib import Path

import pytest

from study.space.points import listed_points
from study.space.surgery import Operation
from study.space.toml_file import read
from tests.space.toml_texts import PLAIN, levels, problems, written

ALONE = PLAIN.replace('[factors]\ndepth = [1, 3, 5]\npooling = ["max", "mean"]\n', "")


def surgery(text: str, file: str = ALONE) -> str:
    return f"{file}\n[surgery]\n{text}\n"


def test_layers_and_groups_become_levels_and_an_ablation_takes_one_after_the_other(tmp_path: Path) -> None:
    text = 'groups = { block3 = ["conv2d_5", "bn_*"] }\nremove = ["conv2d_3", "block3"]\nfreeze = ["block3"]'
    space = read(written(tmp_path, surgery(text)))
    assert levels(space) == {"remove": ("nothing", "conv2d_3", "block3"), "freeze": ("nothing", "block3")}
    points = [{}, {"remove": "conv2d_3"}, {"remove": "block3"}, {"freeze": "block3"}]
    assert list(listed_points(space)) == points
    assert space.config(points[2], seed=0).surgery.operations({"remove": "block3"}) == (
        Operation("remove", ("conv2d_5", "bn_*")),
    )


def test_factors_of_layers_stand_beside_the_tasks_own(tmp_path: Path) -> None:
    space = read(written(tmp_path, surgery('identity = ["a"]\nmend = "project"', PLAIN)))
    assert list(levels(space)) == ["depth", "pooling", "identity"]
    assert space.surgery.factors["identity"]["a"].mend == "project"


def test_activations_are_exchanged_everywhere_or_in_some_layers(tmp_path: Path) -> None:
    everywhere = read(written(tmp_path, surgery('activation = ["gelu", "tanh"]')))
    assert levels(everywhere) == {"activation": ("as_built", "gelu", "tanh")}
    groups = 'groups = { early = ["a", "b"] }\nactivation = { early = ["gelu"], c = "linear" }'
    some = read(written(tmp_path, surgery(groups)))
    assert levels(some) == {"activation": ("as_built", "early:gelu", "c:linear")}
    assert some.surgery.factors["activation"]["early:gelu"] == Operation("activation", ("a", "b"), "gelu")


def test_the_baseline_may_itself_be_a_changed_model(tmp_path: Path) -> None:
    text = surgery('remove = ["a", "b"]').replace("width = 8", 'width = 8\nremove = "a"')
    assert read(written(tmp_path, text)).config({}, seed=0).settings["remove"] == "a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('remov = ["a"]', ["surgery.remov: no such key; did you mean 'remove'?", "factors: is empty"]),
        ('remove = "a"', ["surgery.remove: must be a list of different layers or groups, or 'each', not 'a'"]),
        ("remove = []", ["surgery.remove: must be a list of different layers or groups, or 'each', not []"]),
        ('remove = ["a", "a"]', ["surgery.remove: must be a list of different layers"]),
        ('remove = ["nothing"]', ["surgery.remove: 'nothing' stands for the model as it is built"]),
        ('groups = { a = "b" }\nremove = ["a"]', ["surgery.groups.a: must be a list of different layers"]),
        (
            'groups = { a = ["x"], b = ["a"] }\nremove = ["b"]',
            ["surgery.groups.b: holds the group 'a'; a group lists layers"],
        ),
        ('remove = ["a"]\nmend = "dense"', ["surgery.mend: must be one of 'none', 'project', not 'dense'"]),
        ('activation = ["gello"]', ["surgery.activation: Keras has no activation 'gello'; did you mean 'gelu'?"]),
        ("activation = { a = [1] }", ["surgery.activation.a: must be an activation, or a list of different ones"]),
        ('remove = "each"\nfile = "no.keras"', ["surgery.remove: ", "no.keras: is no .keras file"]),
        ('file = "model.h5"', ["surgery.file: must be the path of a .keras file"]),
    ],
)
def test_a_wrong_table_gets_one_clear_line(text: str, found: list[str], tmp_path: Path) -> None:
    lines = "\n".join(problems(written(tmp_path, surgery(text))))
    assert all(words in lines for words in found), lines


def test_a_setting_of_the_same_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "task.py"
    source = (Path(__file__).parents[1] / "toy_task.py").read_text(encoding="utf-8")
    file.write_text(source.replace('"norm": Setting(True)', '"freeze": Setting(True)'), encoding="utf-8")
    text = surgery('freeze = ["a"]', PLAIN).replace("tests.toy_task:task", "./task.py:task")
    assert "surgery.freeze: is a setting of the task, too; give the setting another name" in problems(
        written(tmp_path, text)
    )


def test_each_takes_every_hidden_layer_of_a_saved_model(tmp_path: Path) -> None:
    names = ["in", "conv", "relu", "dense"]
    kinds = ["InputLayer", "Conv2D", "ReLU", "Dense"]
    layers = [{"class_name": kind, "config": {"name": name}} for name, kind in zip(names, kinds, strict=True)]
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as file:
        file.writestr("config.json", json.dumps({"class_name": "Sequential", "config": {"layers": layers}}))
    space = read(written(tmp_path, surgery('file = "model.keras"\nremove = "each"\nfreeze = "each"')))
    assert levels(space) == {"remove": ("nothing", "conv", "relu"), "freeze": ("nothing", "conv", "dense")}
