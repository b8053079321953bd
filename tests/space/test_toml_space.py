"""A search space is written as a file that declares it again."""

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from study.space.design import Confirm, Design, Kind
from study.space.factor import Factor, Range
from study.space.search_space import SearchSpace
from study.space.surgery import Operation, Surgery
from study.space.toml_file import read, read_document
from study.space.toml_space import space_keys
from study.space.toml_text import toml_text
from study.task import Fidelity
from tests.conftest import ROOT
from tests.space.toml_texts import PLAIN, SWEEP, TWO, edited, written
from tests.toy_task import space

RANGES = "depth = { low = 1, high = 9, step = 2 }\nrate = { low = 1e-5, high = 1, log = true }"
FILES = sorted((ROOT / "search_spaces").glob("*.toml"))


def again(given: SearchSpace, folder: Path) -> SearchSpace:
    text = toml_text(space_keys(given, folder=folder))
    return read_document(tomllib.loads(text), path=folder / "other.toml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_files_are_written_as_they_are(path: Path, tmp_path: Path) -> None:
    given = read(path)
    assert again(given, tmp_path) == given


@pytest.mark.parametrize(
    "text",
    [
        edited(SWEEP, TWO, "trials = 4 -> trials = 4\nsampler = 'nsga2'\nconfirm = { top = 2, seeds = 7 }\nseed = 3"),
        edited(PLAIN, 'depth = [1, 3, 5] -> depth = { levels = [1, 3], when = { pooling = ["max"] } }'),
        edited(SWEEP, f"depth = [1, 3, 5] -> {RANGES}"),
        edited(PLAIN, "seeds = 2 -> seeds = [9, 4]\npaired = true\nmargin = 0.01\nnuisance = ['pooling']"),
        edited(PLAIN, "seeds = 2 -> looks = [5, 8]\nequal_variances = true\nconstraints = ['flops < 1.5e9']"),
        edited(PLAIN, "seeds = 2 -> looks = [5, 6]\nseeds = [1, 2, 3, 4, 5, 6]\nkeep = 'all'\nvary = ['data']"),
        edited(PLAIN, 'direction = "maximize" -> direction = "minimize"\nepoch = "best"', "trial_timeout = 9"),
        edited(PLAIN, "seeds = 2 -> seeds = 1", 'max_retries = 0', 'description = "a \\"quoted\\" λ = 1"'),
    ],
    ids=str,
)  # fmt: skip
def test_every_key_is_written(text: str, tmp_path: Path) -> None:
    given = read(written(tmp_path, text))
    assert again(given, tmp_path) == given


def test_surgery_is_written_with_its_groups(tmp_path: Path) -> None:
    factors = {
        "remove": {
            "a": Operation("remove", ("a",), mend="project"),
            "both": Operation("remove", ("a", "b_*"), mend="project"),
        },
        "freeze": {"head": Operation("freeze", ("x", "y"))},
        "activation": {
            "both:gelu": Operation("activation", ("a", "b_*"), "gelu"),
            "a:relu": Operation("activation", ("a",), "relu"),
        },
    }
    text = PLAIN + (
        '[surgery]\ngroups = { both = ["a", "b_*"], head = ["x", "y"] }\nremove = ["a", "both"]\nfreeze = ["head"]\n'
        'activation = { both = "gelu", a = ["relu"] }\nmend = "project"\n'
    )
    given = read(written(tmp_path, text))
    assert given.surgery == Surgery(factors)
    assert again(given, tmp_path) == given


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
def test_spaces_drawn_at_random_are_written_as_they_are(seed: int, tmp_path: Path) -> None:
    given = drawn(random.Random(seed))
    assert again(given, tmp_path) == given


def test_a_task_in_a_file_is_named_from_the_folder_of_the_study(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    task = tmp_path / "in" / "mine.py"
    task.write_text("def data():\n    return {}\n\n\ndef build(depth: int = 3):\n    return None\n")
    text = 'task = "./mine.py"\nobjective = {metric = "loss", direction = "minimize"}\n[factors]\ndepth = [3, 4]\n'
    given = read(written(tmp_path / "in", f'{text}[design]\nkind = "dose"\n'))
    assert space_keys(given, folder=tmp_path)["task"] == "./in/mine.py"
    assert space_keys(given, folder=tmp_path / "elsewhere")["task"] == str(task.resolve())
    assert again(given, tmp_path) == given
