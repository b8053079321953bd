"""What a study declares, as the keys of a file: the file reads back as the same study."""

import json
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from study.space.declared_keys import declared_keys
from study.space.design import Confirm, Design, Kind
from study.space.factor import Factor, Range
from study.space.match import Match
from study.space.search_space import SearchSpace
from study.space.toml_file import read, read_document
from study.space.toml_text import toml_text
from study.task import Fidelity
from tests.conftest import ROOT
from tests.space.toml_texts import PLAIN, SWEEP, TWO, edited, written
from tests.toy_task import DEPTH, space
from tests.workloads.saved_model import make_saved_model

FILES = [
    *sorted((ROOT / "search_spaces").glob("*.toml")),
    *sorted((ROOT / "tests" / "samples").glob("*.toml")),
    ROOT / "tests" / "handwritten.toml",
]
LOADED = [
    *sorted((ROOT / "tests" / "workloads").rglob("*.toml")),
    *sorted((ROOT / "tests" / "user_tasks").glob("*.toml")),
]
"""Files whose tasks load Keras."""
RATE = "pooling = { levels = ['max', 'mean'], when = { depth = [1, 3] } }\nnorm = { levels = [true, false], when = "
SURGERY = '\n[surgery]\ngroups = { late = ["x_*", "y"] }\nremove = ["a", "late", "x_*"]\nfreeze = ["late"]\n'
TEXTS = {
    "plain": PLAIN,
    "seeds": edited(PLAIN, "seeds = 2 -> seeds = [3, 1]"),
    "defaults": edited(PLAIN, "seeds = 2 -> ", "[baseline]\nwidth = 8 -> ", "[fidelity]\nepochs = 2 -> "),
    "every key": edited(
        PLAIN,
        "seeds = 2 -> seeds = 7\ndescription = 'Why \"this\"?'\nvary = ['data', 'weights']\nnuisance = ['pooling']\n"
        "paired = true\nmargin = 0.01\ntrial_timeout = 3.5\nmax_retries = 0\nkeep = 'all'\n"
        "constraints = ['parameters <= 100_000', 'flops > 1.5e3', 'flops < 0.5']",
        'kind = "ablation" -> kind = "ablation"\nseed = 4',
    ),
    "looks": edited(PLAIN, "seeds = 2 -> looks = [5, 8]"),
    "looks from 1": edited(PLAIN, "seeds = 2 -> looks = [5, 6]\nseeds = [1, 2, 3, 4, 5, 6]"),
    "equal variances": edited(PLAIN, "seeds = 2 -> seeds = 5\nequal_variances = true"),
    "examples in the baseline": edited(
        PLAIN, "width = 8 -> train_examples = 300", "depth = -> train_examples = [300, 500]\ndepth = "
    ),
    "conditions": edited(PLAIN, 'pooling = ["max", "mean"] -> ' + RATE + "{ depth = 3 } }"),
    "sweep": SWEEP,
    "ranges": edited(
        SWEEP,
        'pooling = ["max", "mean"] -> width = { low = 8, high = 64, step = 8 }\nrate = { low = 1e-05, high = 1, log = '
        "true }",
        "trials = 4 -> trials = 9\nsampler = 'random'\npruner = 'none'\nseed = 3\nconfirm = { top = 1, seeds = 2 }",
    ),
    "two objectives": edited(SWEEP, TWO),
    "best epoch": edited(PLAIN, 'direction = "maximize" -> direction = "maximize"\nepoch = "best"'),
    "surgery": PLAIN + SURGERY + 'mend = "project"\nactivation = ["gelu", "tanh"]\n',
    "activations": PLAIN + SURGERY + 'activation = { late = ["gelu", "relu"], "x:y" = "tanh" }\n',
    "operated baseline": edited(PLAIN, 'width = 8 -> width = 8\nremove = "a"') + SURGERY,
}


def written_again(space: SearchSpace) -> SearchSpace:
    """The study that a file declares which is written from what a store keeps. The file lies elsewhere."""
    kept = SearchSpace.from_json(json.loads(json.dumps(space.to_json())))
    return read_document(tomllib.loads(toml_text(declared_keys(kept))), path=Path("/elsewhere/other.toml"))


def exact(space: SearchSpace) -> str:
    return json.dumps(space.to_json())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_that_is_here_is_written_again(file: Path) -> None:
    assert exact(written_again(read(file))) == exact(read(file))


@pytest.mark.slow
@pytest.mark.parametrize("file", LOADED, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_whose_task_loads_keras_is_written_again(file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    make_saved_model(tmp_path_factory.getbasetemp())
    assert exact(written_again(read(file))) == exact(read(file))


@pytest.mark.parametrize("name", TEXTS)
def test_every_key_is_written_again(name: str, tmp_path: Path) -> None:
    space = read(written(tmp_path, TEXTS[name]))
    assert exact(written_again(space)) == exact(space)
    assert written_again(space) == space


def test_equal_size_is_written_as_it_was_asked_for() -> None:
    match = Match("width", "flops", 0.1, {"depth=1": 40}, {"baseline": 10, "depth=1": 10})
    keys = declared_keys(space(DEPTH, match=match))
    assert keys["match"] == {"with": "width", "by": "flops", "within": 0.1}
    assert "match" not in declared_keys(space(DEPTH))


def test_only_what_the_user_decided_is_written(tmp_path: Path) -> None:
    keys: dict[str, Any] = declared_keys(read(written(tmp_path, TEXTS["defaults"])))
    assert keys == {
        "name": "mine",
        "task": "tests.toy_task:task",
        "seeds": 5,
        "objective": {"metric": "val_acc", "direction": "maximize"},
        "factors": {"depth": [1, 3, 5], "pooling": ["max", "mean"]},
        "design": {"kind": "ablation"},
        "fidelity": {"epochs": 10, "train_examples": 1_000, "validation_examples": 100},
    }


def drawn(draw: random.Random) -> SearchSpace:
    """A search space that nobody wrote."""
    kinds: list[Kind] = ["grid", "ablation", "sweep"]
    kind = draw.choice(kinds)
    rates: Any = (
        Range(10 ** draw.uniform(-6, -3), draw.uniform(0.1, 9), log=True) if kind == "sweep" else (0.1, draw.random())
    )
    more: dict[str, Any] = {"seeds": (0,)} if kind == "sweep" else {"seeds": tuple(draw.sample(range(99), 3))}
    design = (
        Design("sweep", draw.randrange(9), 4, pruner="median", confirm=Confirm(2, 6))
        if kind == "sweep"
        else Design(kind)
    )
    return space(
        Factor("depth", (3, *draw.sample([1, 2, 5, 7], draw.randint(1, 4)))),
        Factor("rate", rates),
        Factor("norm", (True, False), (False, True), {"depth": (3,)} if kind != "ablation" else {}),
        design=design,
        fidelity=Fidelity(draw.randint(1, 99), draw.randint(1, 1_000), 100),
        margin=draw.choice([None, draw.random()]),
        training=("rate",),
        **more,
    )


@pytest.mark.parametrize("seed", range(12))
def test_spaces_drawn_at_random_are_written_as_they_are(seed: int) -> None:
    given = drawn(random.Random(seed))
    assert written_again(given) == given


def test_a_task_in_a_file_is_named_from_the_folder_of_the_study(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    task = tmp_path / "in" / "mine.py"
    task.write_text("def data():\n    return {}\n\n\ndef build(depth: int = 3):\n    return None\n")
    text = 'task = "./mine.py"\nobjective = {metric = "loss", direction = "minimize"}\n[factors]\ndepth = [3, 4]\n'
    given = read(written(tmp_path / "in", f'{text}[design]\nkind = "dose"\n'))
    assert declared_keys(given, folder=tmp_path)["task"] == "./in/mine.py"
    assert declared_keys(given, folder=tmp_path / "elsewhere")["task"] == str(task.resolve())
    assert read_document(declared_keys(given, folder=tmp_path), path=tmp_path / "x.toml") == given
    assert declared_keys(given)["task"] == str(task.resolve())
